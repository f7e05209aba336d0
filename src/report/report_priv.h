/*
 * report/report_priv.h - what the readers of formats share: one file a format or a family, each a function below.
 *
 * XML is read as it streams by: `open` and `close` are called for each element, text is collected only for the one that
 * was asked for. Names of elements come without their prefix.
 */
#pragma once
#include "core/buf.h"
#include "core/value.h"
#include "report/report.h"

/* One file being read: where its cases go. */
struct report_into {
    struct arena *a;
    struct report *r;
    struct buf details; /* of the case at hand */
};
/* Begins a case: what was said of one that was not added is forgotten. */
void report_begin(struct report_into *to, struct report_case *c);
/* Says why: the first message stays, details are put behind each other. Without a message it is the details' begin. */
void report_why(struct report_into *to, struct report_case *c, struct str message, struct str details);
/* Counts a case and keeps it, when there is room. Its texts are in the arena. */
void report_add(struct report_into *to, struct report_case *c);
/* "1.5", "1,234.5" and "0,5"; 0 for anything else. */
double report_seconds(struct str text);
/* Digits, as a line's number or a count; 0 for anything else. */
uint64_t report_number(struct str text);
/* As value_from_json; every complaint names a line, the first one when JSON's reader tells none. */
int report_json(struct arena *a, struct str text, struct value **ret, struct err *e);

/* ---- XML ---- */

#define XML_DEPTH_MAX 200u

struct xml;
struct xml_reader {
    const char *what;                                           /* "JUnit report" */
    const char *roots[3];                                       /* what its first element is called */
    void (*open)(struct xml *x, void *state, struct str name);  /* required */
    void (*close)(struct xml *x, void *state, struct str name); /* may be NULL */
};
int xml_read(const struct xml_reader *how, void *state, struct str text, struct err *e);
/* In open and close: the root is 1 deep. */
unsigned xml_depth(const struct xml *x);
/* In open: an attribute, borrowed until open returns; p is NULL when it is not there. */
struct str xml_attr(const struct xml *x, const char *name);
/* In open: collects the text of this element and of all within, for xml_text in its close; one that does goes on. */
void xml_keep(struct xml *x);
/* In close: what was kept of this element, borrowed until close returns; p is NULL when nothing was asked for. */
struct str xml_text(const struct xml *x);
/* Ends reading with "line N: ...". The first complaint stays. */
void xml_fail(struct xml *x, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- the formats ---- */

int report_junit(struct report_into *to, struct str text, struct err *e);
int report_cucumber(struct report_into *to, struct str text, struct err *e);
int report_nunit2(struct report_into *to, struct str text, struct err *e);
int report_nunit3(struct report_into *to, struct str text, struct err *e);
int report_testng(struct report_into *to, struct str text, struct err *e);
int report_trx(struct report_into *to, struct str text, struct err *e);
int report_xunit(struct report_into *to, struct str text, struct err *e);
int report_ctest(struct report_into *to, struct str text, struct err *e);
int report_clover(struct report_into *to, struct str text, struct err *e);
int report_cobertura(struct report_into *to, struct str text, struct err *e);
int report_jacoco(struct report_into *to, struct str text, struct err *e);
int report_simplecov(struct report_into *to, struct str text, struct err *e);
