"""Docker's actions that only read and tell: metadata-action for real, the others simulated."""

from __future__ import annotations

import json

from conftest import Place


def test_metadata_reaches_later_steps(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          image:
            runs-on: ubuntu-latest
            steps:
              - uses: docker/setup-qemu-action@v3
              - uses: docker/setup-buildx-action@v3
                id: buildx
              - uses: docker/login-action@v3
                with: {registry: ghcr.io, username: mina, password: "${{ secrets.PASSWORD }}"}
              - uses: docker/metadata-action@v5
                id: meta
                with:
                  images: |
                    ghcr.io/Octo/App
                    app
                  tags: |
                    type=semver,pattern={{version}}
                    type=semver,pattern={{major}}.{{minor}}
                    type=sha,enable={{is_default_branch}}
              - run: |
                  echo "${{ steps.meta.outputs.tags }}"
                  echo "$DOCKER_METADATA_OUTPUT_VERSION ${{ steps.buildx.outputs.driver }}"
                  cat "${{ steps.meta.outputs.bake-file-tags }}"
        """
    )
    place.commit()
    place.git("tag", "v1.2.3")
    r = place.ci("--tag", "v1.2.3", "-s", "PASSWORD=sesame-street")
    assert r.code == 0, r.text
    lines = r.lines()
    assert lines[:6] == [f"{image}:{tag}" for image in ("ghcr.io/octo/app", "app") for tag in ("1.2.3", "1.2", "latest")]
    assert lines[6] == "1.2.3 docker-container"
    bake = json.loads("\n".join(lines[7:]))
    assert bake["target"]["docker-metadata-action"]["args"] == {
        "DOCKER_META_IMAGES": "ghcr.io/octo/app,app",
        "DOCKER_META_VERSION": "1.2.3",
    }
    assert "simulated, nothing sent" in r.text
    assert "sesame-street" not in r.text


def test_an_image_is_not_built_yet(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          image:
            runs-on: ubuntu-latest
            steps:
              - run: echo never
              - uses: docker/build-push-action@v6
                with: {push: true, tag: a}
        """
    )
    place.commit()
    r = place.ci()
    assert r.jobs() == {"image": "skipped"}
    assert "docker/build-push-action" in r.text
    assert "Unexpected input 'tag'" in place.run("check").err
