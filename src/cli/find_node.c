/*
 * cli/find_node.c - the Node.js of this machine: tool cache, version managers, PATH.
 */
#include "cli/finder_priv.h"

#include "core/path.h"

#include <unistd.h>

static const struct {
    const char *origin, *variable, *root; /* root: below the home, or absolute */
    const char *dir, *mark, *sub;
} MANAGERS[] = {
    {"nvm", "NVM_DIR", ".nvm", "versions/node", "v", ""},
    {"fnm", "FNM_DIR", ".local/share/fnm", "node-versions", "v", "/installation"},
    {"fnm", "FNM_DIR", ".fnm", "node-versions", "v", "/installation"},
    {"volta", "VOLTA_HOME", ".volta", "tools/image/node", "", ""},
    {"n", "N_PREFIX", "/usr/local", "n/versions/node", "", ""},
    {"asdf", "ASDF_DATA_DIR", ".asdf", "installs/nodejs", "", ""},
    {"mise", "MISE_DATA_DIR", ".local/share/mise", "installs/node", "", ""},
};

/* A manager's shim answers for another program each time; the program itself was found above. */
static void path_node(struct finder *f, struct str dir)
{
    static const char *const argv[] = {"-e", "console.log(process.versions.node);console.log(process.execPath)", NULL};
    static const struct finder_question question = {argv};
    struct str program = arena_printf(f->arena, "%.*s/node", STR_ARG(dir)), version, where;
    char real[4096];
    if (realpath(program.p, real) == NULL || !str_is(path_base(str_from(real)), "node") ||
        !finder_ask(f, program, &question, &version, &where))
        return;
    finder_add(f, "PATH", version, path_dir(path_dir(where)), program);
}

void find_nodes(struct finder *f)
{
    finder_tool_cache(f, "node", "/bin/node");
    for (size_t i = 0; i < ARRAY_LEN(MANAGERS); i++) {
        struct str root = finder_root(f, MANAGERS[i].variable, MANAGERS[i].root);
        finder_versions(f, &(struct finder_place){.origin = MANAGERS[i].origin,
                                                  .dir = path_join(f->arena, root, str_from(MANAGERS[i].dir)),
                                                  .mark = MANAGERS[i].mark,
                                                  .sub = MANAGERS[i].sub,
                                                  .program = "/bin/node"});
    }
    finder_path(f, path_node);
}
