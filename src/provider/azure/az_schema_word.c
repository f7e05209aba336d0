/*
 * az_schema_word.c - the types that all tables of the schema use: texts, booleans, numbers, lists of texts.
 */
#include "core/base.h"
#include "provider/azure/schema_priv.h"

const struct az_type az_type_text = {"a text", .takes = AZ_TAKES_TEXT};
const struct az_type az_type_filled = {"a text", .takes = AZ_TAKES_TEXT, .text = AZ_TEXT_FILLED};
const struct az_type az_type_bool = {"true or false", .takes = AZ_TAKES_TEXT, .text = AZ_TEXT_BOOL};
const struct az_type az_type_number = {"a whole number", .takes = AZ_TAKES_TEXT, .text = AZ_TEXT_NUMBER};
const struct az_type az_type_name = {"a name of letters, digits, - and _", .takes = AZ_TAKES_TEXT,
                                     .text = AZ_TEXT_NAME};
const struct az_type az_type_any = {"anything", .takes = AZ_TAKES_ANY};
const struct az_type az_type_texts = {"a list of texts", .takes = AZ_TAKES_LIST, .item = &az_type_text};
const struct az_type az_type_text_or_texts = {"a text or a list of texts", .takes = AZ_TAKES_TEXT | AZ_TAKES_LIST,
                                              .item = &az_type_text};
const struct az_type az_type_env = {"a mapping of names to texts", .takes = AZ_TAKES_MAP, .values = &az_type_text};
