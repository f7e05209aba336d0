/*
 * sandbox/init/sys.c - the start of the program, the system call instruction, and the few text functions there are.
 */
#include "sandbox/init/sys.h"

#ifdef INIT_LIBC

#include <unistd.h>

long sc6(long nr, long a, long b, long c, long d, long e, long f)
{
    long rc = syscall(nr, a, b, c, d, e, f);
    return rc == -1 ? -errno : rc;
}

int main(void)
{
    return init_main();
}

#else

#if defined(__x86_64__)

long sc6(long nr, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long rc;
    __asm__ volatile("syscall"
                     : "=a"(rc)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return rc;
}

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tand $-16, %rsp\n\tcall start_c\n\thlt\n");

#elif defined(__aarch64__)

long sc6(long nr, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = nr;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory", "cc");
    return x0;
}

__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tbl start_c\n\tbrk #1\n");

#else
#error "no system call instruction is known for this machine: build with INIT_LIBC"
#endif

void start_c(void);
void start_c(void)
{
    int status = init_main();
    for (;;)
        sc(__NR_exit_group, status);
}

/* The compiler calls these four by name, even in a program without a library. */
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    while (n-- > 0)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if (t <= f)
        return memcpy(to, from, n);
    while (n-- > 0)
        t[n] = f[n];
    return to;
}

void *memset(void *at, int byte, size_t n)
{
    unsigned char *t = at;
    while (n-- > 0)
        *t++ = (unsigned char)byte;
    return at;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

#endif

size_t text_len(const char *s)
{
    size_t n = 0;
    while (s[n] != '\0')
        n++;
    return n;
}

bool text_eq(const char *a, const char *b)
{
    size_t n = text_len(a);
    return n == text_len(b) && memcmp(a, b, n) == 0;
}

bool text_starts(const char *s, const char *prefix)
{
    for (size_t i = 0; prefix[i] != '\0'; i++)
        if (s[i] != prefix[i])
            return false;
    return true;
}

bool text_under(const char *path, const char *dir)
{
    size_t n = text_len(dir);
    if (!text_starts(path, dir))
        return false;
    return (n == 1 && dir[0] == '/') || path[n] == '\0' || path[n] == '/';
}

bool text_add(char *at, size_t size, const char *s)
{
    size_t have = text_len(at), n = text_len(s);
    if (n >= size - have)
        return false;
    memcpy(at + have, s, n + 1);
    return true;
}

bool text_add_num(char *at, size_t size, uint64_t n)
{
    char digits[24];
    size_t i = sizeof digits;
    digits[--i] = '\0';
    do
        digits[--i] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    return text_add(at, size, digits + i);
}

bool text_num(const char *s, uint64_t *ret)
{
    uint64_t n = 0;
    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++) {
        if (*s < '0' || *s > '9' || n > UINT64_MAX / 10 - 1)
            return false;
        n = n * 10 + (uint64_t)(*s - '0');
    }
    *ret = n;
    return true;
}
