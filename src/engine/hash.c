/*
 * engine/hash.c - hashFiles: SHA-256 over the SHA-256 of every file that matches (actions/runner, hashFiles), in the
 * order in which actions/glob finds them. Links to folders are not entered unless `follow`, but a link to a file counts
 * by what is in the file, as there; one that leads nowhere is then an error.
 */
#include "engine/engine_priv.h"

#include "engine/glob_priv.h"
#include "sys/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#define CHUNK ((size_t)128 << 10)

struct hash {
    int root;
    EVP_MD_CTX *outer, *inner;
    unsigned char *chunk;
    size_t files;
    struct err *err;
};

static int add_file(void *ctx, const struct glob_hit *hit)
{
    struct hash *h = ctx;
    unsigned char digest[32];
    struct stat st;
    CLEAN(fd) int fd = glob_open(h->root, hit, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0)
        return err_sys(h->err, fd < 0 ? fd : errno, "%.*s", STR_ARG(hit->path));
    if (!S_ISREG(st.st_mode))
        return 0;
    MUST(EVP_DigestInit_ex(h->inner, EVP_sha256(), NULL) == 1);
    ssize_t n;
    while ((n = read(fd, h->chunk, CHUNK)) > 0)
        EVP_DigestUpdate(h->inner, h->chunk, (size_t)n);
    if (n < 0)
        return err_sys(h->err, errno, "%.*s", STR_ARG(hit->path));
    EVP_DigestFinal_ex(h->inner, digest, NULL);
    EVP_DigestUpdate(h->outer, digest, sizeof digest);
    h->files++;
    return 0;
}

int leg_hash_files(void *ctx, struct str root, const struct strs *patterns, bool follow, char ret[65], struct err *e)
{
    struct leg_run *lr = ctx;
    CLEAN(arena) struct arena *a = arena_new();
    struct glob_options o = {.who = "",
                             .root = root,
                             .home = lr->room.home,
                             .within = root,
                             .follow = follow,
                             .hidden = true,
                             .implicit = true};
    struct glob *g = NULL;
    unsigned char digest[32] = {0};
    int rc = glob_read(a, &o, patterns->p, patterns->n, &g, e);
    if (rc < 0)
        return rc;
    CLEAN(fd) int top = leg_root(lr, e);
    if (top < 0)
        return top;
    struct hash h = {
        .root = top, .outer = EVP_MD_CTX_new(), .inner = EVP_MD_CTX_new(), .chunk = arena_alloc(a, CHUNK), .err = e};
    MUST(h.outer != NULL && h.inner != NULL && EVP_DigestInit_ex(h.outer, EVP_sha256(), NULL) == 1);
    rc = glob_walk(g, top, add_file, &h, e);
    EVP_DigestFinal_ex(h.outer, digest, NULL);
    EVP_MD_CTX_free(h.outer);
    EVP_MD_CTX_free(h.inner);
    ret[0] = '\0';
    for (size_t i = 0; i < sizeof digest && rc == 0 && h.files > 0; i++)
        snprintf(ret + 2 * i, 3, "%02x", digest[i]);
    return rc;
}
