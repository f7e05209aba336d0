#include "core/base.h"
#include "sys/ask.h"

#include "core/str.h"
#include "sys/file.h"

#include <termios.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096 /* what a terminal gives at once */
#define CTRL_C 3

/* ^C is read as a byte that ends the line: a signal would end us with the terminal still silent. */
static struct termios silent(struct termios t)
{
    t.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    t.c_lflag |= ECHONL | ICANON;
    t.c_cc[VEOL] = CTRL_C;
    return t;
}

int ask_hidden(struct arena *a, struct str question, struct str *ret, struct err *e)
{
    struct termios before, quiet;
    char line[LINE_MAX_BYTES];
    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return err_sys(e, ENOTTY, "standard input");
    quiet = silent(before);
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet) < 0)
        return err_sys(e, errno, "the terminal");
    fd_write(STDERR_FILENO, question, NULL);
    ssize_t n = read(STDIN_FILENO, line, sizeof line);
    int rc = n < 0 ? -errno : 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    if (rc < 0)
        return err_sys(e, rc, "the terminal");
    if (n > 0 && line[n - 1] == CTRL_C)
        return err_set(e, EINTR, "interrupted");
    if (n == 0)
        return err_set(e, ENODATA, "no value was given");
    *ret = arena_str(a, str_of(line, (size_t)n - (line[n - 1] == '\n')));
    return 0;
}
