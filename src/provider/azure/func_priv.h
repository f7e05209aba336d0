/*
 * provider/azure/func_priv.h - the functions of the expression language that work on text (az_expr_func_text.c).
 *
 * Arguments are evaluated; how many there are the parser has checked. Only az_expr_func*.c look in here.
 */
#pragma once
#include "provider/azure/ast_priv.h"

int az_call_contains(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_ends_with(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_join(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_length(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_lower(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_replace(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_split(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_starts_with(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_substring(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_to_json(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_trim(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
int az_call_upper(struct az_eval *ev, struct az_value *const *args, size_t n, struct az_value **ret);
