/*
 * gb_read_artifacts.c - artifacts: images, objects for a bucket, packages for registries.
 */
#include "core/base.h"
#include "provider/cloudbuild/gb_read_priv.h"

#define OBJECTS(field) offsetof(struct gb_objects, field)
static const struct gb_key objects_keys[] = {
    {"location", GB_V_TEXT, OBJECTS(location), 0, NULL},
    {"paths", GB_V_TEXTS, OBJECTS(paths), 0, NULL},
    {"timing", GB_V_OUTPUT, 0, 0, NULL},
};

static void read_objects(struct gb_reader *r, const struct doc_node *value, void *into)
{
    struct gb_objects *o = &((struct gb_build *)into)->objects;
    size_t before = r->d->errors;
    o->span = r->key->span;
    o->present = gb_read_message(r, value, objects_keys, ARRAY_LEN(objects_keys), o);
    r->b->objects_told = r->d->errors != before;
}

/* A path alone is a list of one. */
static void read_path(struct gb_reader *r, const struct doc_node *value, void *into)
{
    struct gb_package *p = into;
    struct gb_text text;
    if (gb_read_text(r, value, &text) == 0)
        vec_push_in(r->a, &p->paths, text);
}

#define PACKAGE(field) offsetof(struct gb_package, field)
static const struct gb_key maven_keys[] = {
    {"repository", GB_V_TEXT, PACKAGE(repository), 0, NULL},
    {"path", GB_V_CALL, 0, 0, read_path},
    {"deployFolder", GB_V_CALL, 0, 0, read_path},
    {"artifactId", GB_V_OTHER, 0, 0, NULL},
    {"groupId", GB_V_OTHER, 0, 0, NULL},
    {"version", GB_V_OTHER, 0, 0, NULL},
};
static const struct gb_key go_keys[] = {
    {"repositoryName", GB_V_TEXT, PACKAGE(repository), 0, NULL},
    {"repositoryLocation", GB_V_OTHER, 0, 0, NULL},
    {"repositoryProjectId", GB_V_OTHER, 0, 0, NULL},
    {"sourcePath", GB_V_CALL, 0, 0, read_path},
    {"modulePath", GB_V_OTHER, 0, 0, NULL},
    {"moduleVersion", GB_V_OTHER, 0, 0, NULL},
};
static const struct gb_key python_keys[] = {
    {"repository", GB_V_TEXT, PACKAGE(repository), 0, NULL},
    {"paths", GB_V_TEXTS, PACKAGE(paths), 0, NULL},
};
static const struct gb_key npm_keys[] = {
    {"repository", GB_V_TEXT, PACKAGE(repository), 0, NULL},
    {"packagePath", GB_V_CALL, 0, 0, read_path},
};

static void read_package(struct gb_reader *r, const struct doc_node *value, const struct gb_key *keys, size_t n,
                         const char *kind)
{
    struct gb_build *b = r->b;
    struct gb_package p = {.kind = kind, .span = value->span};
    if (!gb_read_message(r, value, keys, n, &p))
        return;
    if (b->n_packages == b->cap_packages)
        b->packages = vec_grow_(r->a, b->packages, b->n_packages, &b->cap_packages, sizeof *b->packages);
    b->packages[b->n_packages++] = p;
}

static void read_maven(struct gb_reader *r, const struct doc_node *value, void *into)
{
    UNUSED(into);
    read_package(r, value, maven_keys, ARRAY_LEN(maven_keys), "mavenArtifacts");
}

static void read_go(struct gb_reader *r, const struct doc_node *value, void *into)
{
    UNUSED(into);
    read_package(r, value, go_keys, ARRAY_LEN(go_keys), "goModules");
}

static void read_python(struct gb_reader *r, const struct doc_node *value, void *into)
{
    UNUSED(into);
    read_package(r, value, python_keys, ARRAY_LEN(python_keys), "pythonPackages");
}

static void read_npm(struct gb_reader *r, const struct doc_node *value, void *into)
{
    UNUSED(into);
    read_package(r, value, npm_keys, ARRAY_LEN(npm_keys), "npmPackages");
}

static const struct gb_key artifact_keys[] = {
    {"images", GB_V_TEXTS, offsetof(struct gb_build, artifact_images), 0, NULL},
    {"objects", GB_V_CALL, 0, 0, read_objects},
    {"mavenArtifacts", GB_V_LIST, 0, 0, read_maven},
    {"goModules", GB_V_LIST, 0, 0, read_go},
    {"pythonPackages", GB_V_LIST, 0, 0, read_python},
    {"npmPackages", GB_V_LIST, 0, 0, read_npm},
};

void gb_read_artifacts(struct gb_reader *r, const struct doc_node *value, void *into)
{
    gb_read_message(r, value, artifact_keys, ARRAY_LEN(artifact_keys), into);
}
