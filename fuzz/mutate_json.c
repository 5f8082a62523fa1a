/* SPDX-License-Identifier: MIT */
/*
 * The mutator of mutate.h for targets that read JSON: vector files, and lines
 * of the adapter protocol. An input is a sequence of JSON values before and
 * after a mutation. The engine's own mutations make inputs that are not JSON.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dice.h"
#include "mutate.h"

/* The most values of an input that are read, and bytes that are written. */
enum { PLACES = 4096, OUT = 1 << 20 };

#define PACKET "\"4500001c000040004011b6cd0a0000010a0000021f00005000080000\""
#define VNET   "\"01052200010014000600\""

/*
 * Parts of both formats. An object is used as a value, or its members are added
 * to another object. Random bytes would not find these names.
 */
static const char *const fragments[] = {
    "{\"schema\":1,\"suite\":\"a\",\"spec\":\"1.0\",\"vectors\":[]}",
    "{\"schema\":1,\"suite\":\"a\",\"spec\":\"1.0\",\"vectors\":[{\"id\":\"a\","
    "\"title\":\"b\",\"rules\":[\"GRO-END-008\"],\"op\":\"gro\",\"input\":["
    "{\"packet\":" PACKET "}],\"expect\":{\"linux-6.1\":{\"output\":[{"
    "\"packet\":" PACKET "}]}}}]}",
    "{\"notes\":{\"a\":{\"about\":\"b\",\"effect\":\"c\",\"links\":[\"d\"]}}}",
    "{\"id\":\"a\",\"title\":\"b\",\"rules\":[\"GRO-END-008\"],\"op\":\"gso\","
    "\"input\":[{\"packet\":" PACKET "}],\"expect\":{\"linux-7.2\":{"
    "\"rejected\":\"EINVAL\"}}}",
    "{\"flags\":[\"a\"],\"confirmed\":[\"model\"]}",
    "{\"source\":{\"pcap\":\"a\",\"packets\":[1]}}",
    "{\"expect\":{\"linux-6.12\":{\"output\":[]},\"linux-6.18\":\"= "
    "linux-6.12\"}}",
    "{\"config\":{\"max_flows\":8,\"udp\":true,\"csum\":\"trusted\","
    "\"mode\":\"lossless\"}}",
    "{\"csum\":\"verify\",\"mode\":\"linux\"}",
    "{\"packet\":" PACKET "}",
    "{\"packet\":" PACKET ",\"vnet\":" VNET "}",
    "{\"flush\":true}",
    "{\"output\":[{\"packet\":" PACKET ",\"of\":[0]}]}",
    "{\"output\":[{\"header\":\"45\",\"payload\":[[0,1,2]]}]}",
    "{\"header\":\"4500\",\"payload\":[[0,2,26]],\"of\":[0]}",
    "{\"vnet\":{\"flags\":2,\"gso_type\":1,\"hdr_len\":40,\"gso_size\":1,"
    "\"csum_start\":20,\"csum_offset\":16}}",
    "{\"verdict\":[\"held\",\"merged\"],\"rule\":[null,\"GRO-END-001\"]}",
    "{\"verdict\":[\"passed\"],\"rule\":[\"GRO-IN-001\"]}",
    "{\"rejected\":\"EINVAL\"}",
    "{\"skipped\":{\"reason\":\"a\",\"issue\":\"b\"}}",
    "{\"error\":\"a\"}",
    "{\"cmd\":\"hello\",\"protocol\":1}",
    "{\"cmd\":\"bye\"}",
    "{\"cmd\":\"run\",\"seq\":1,\"op\":\"gro\",\"profile\":\"linux-6.18\","
    "\"config\":{},\"input\":[{\"packet\":" PACKET "}]}",
    "{\"op\":\"gso\"}",
    "{\"x-a\":1}",
    "[0,0,1]",
    "[]",
    "{}",
    "\"= linux-6.1\"",
    "\"linux-6.12\"",
    "\"rejected\"",
    "\"a\\u0000\\n\\u00e9\"",
    "\"\"",
    "-1",
    "65536",
    "4294967296",
    "1.5",
    "null",
    "false",
};

/* A value and its place: a member of an object or an item of an array. */
struct place {
    json_t *value;
    json_t *in;
    const char *key;
    size_t index;
};

/* The values of an input, in an array, which is the first place. */
struct document {
    json_t *root;
    size_t places;
    struct place place[PLACES];
};

static void add_place(struct document *document, struct place place)
{
    if (document->places < PLACES)
        document->place[document->places++] = place;
}

/* Lists all values; each comes after the value that contains it. */
static void find_places(struct document *document)
{
    json_t *value;
    const char *key;
    size_t index;

    document->places = 0;
    add_place(document, (struct place){.value = document->root});
    for (size_t i = 0; i < document->places; i++) {
        json_t *in = document->place[i].value;

        json_object_foreach(in, key, value)
            add_place(document, (struct place){value, in, key, 0});
        json_array_foreach(in, index, value)
            add_place(document, (struct place){value, in, NULL, index});
    }
}

/* Text that is not JSON is skipped up to the next line. */
static void read_document(struct document *document, const uint8_t *data,
                          size_t size)
{
    const char *text = (const char *)data;

    document->root = json_array();
    while (size != 0) {
        const char *newline = memchr(text, '\n', size);
        size_t used = newline != NULL ? (size_t)(newline - text) + 1 : size;
        json_error_t error;
        json_t *value = json_loadb(
            text, size,
            JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);

        if (value != NULL) {
            json_array_append_new(document->root, value);
            used = (size_t)error.position;
        }
        text += used;
        size -= used;
    }
    find_places(document);
}

/* Writes a value a line. 0: there is no room for all. */
static size_t write_document(struct document *document, uint8_t *out,
                             size_t room)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    size_t size = 0;
    size_t index;
    json_t *value;

    json_array_foreach(document->root, index, value)
    {
        if (size != 0 && size < room)
            out[size++] = '\n';
        size += json_dumpb(value, (char *)out + size, room - size, flags);
        if (size > room)
            size = room + 1;
        if (size > room)
            break;
    }
    json_decref(document->root);
    return size > room ? 0 : size;
}

/* Values; the caller owns them. */

static json_t *any_fragment(struct dice *dice)
{
    const uint32_t count = sizeof fragments / sizeof fragments[0];

    return json_loads(fragments[pick(dice, count)], JSON_DECODE_ANY, NULL);
}

static const struct place *any_place(struct dice *dice,
                                     const struct document *document)
{
    return &document->place[pick(dice, (uint32_t)document->places)];
}

static json_t *any_value(struct dice *dice, const struct document *from)
{
    const struct place *place = any_place(dice, from);

    if (place->in == NULL || one_in(dice, 2))
        return any_fragment(dice);
    return json_deep_copy(place->value);
}

static json_t *other_number(struct dice *dice, json_int_t number)
{
    static const json_int_t numbers[] = {0,   1,     2,     8,
                                         255, 65535, 65537, INT64_MAX};
    const uint32_t count = sizeof numbers / sizeof numbers[0];

    if (one_in(dice, 2))
        return json_integer(numbers[pick(dice, count)]);
    if (number == INT64_MAX)
        return json_integer(INT64_MIN);
    return json_integer(number + (one_in(dice, 2) ? 1 : -1));
}

/* A shorter string, or one with another character. */
static json_t *other_string(struct dice *dice, const char *string)
{
    static const char characters[] = "0123456789abcfAF-. \"\\";
    char *text = strdup(string);
    const size_t len = strlen(string);
    json_t *made;

    if (text != NULL && len != 0) {
        char *at = &text[pick(dice, (uint32_t)len)];

        if (one_in(dice, 2))
            *at = '\0';
        else
            *at = characters[pick(dice, sizeof characters - 1)];
    }
    made = json_string(text);
    free(text);
    return made != NULL ? made : json_null();
}

static json_t *other_value(struct dice *dice, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_INTEGER:
        /* The least number cannot be decreased. */
        if (json_integer_value(value) != INT64_MIN)
            return other_number(dice, json_integer_value(value));
        return json_integer(0);
    case JSON_STRING:
        return other_string(dice, json_string_value(value));
    case JSON_TRUE:
        return json_false();
    case JSON_FALSE:
        return json_true();
    default:
        return any_fragment(dice);
    }
}

/* Steps */

static void replace(const struct place *place, json_t *value)
{
    if (place->in == NULL)
        json_decref(value);
    else if (place->key != NULL)
        json_object_set_new_nocheck(place->in, place->key, value);
    else
        json_array_set_new(place->in, place->index, value);
}

static void take_away(const struct place *place)
{
    if (place->in == NULL)
        return;
    if (place->key != NULL)
        json_object_del(place->in, place->key);
    else
        json_array_remove(place->in, place->index);
}

/* Adds members to an object or an item to an array, or replaces the value. */
static void put_in(struct dice *dice, const struct place *place, json_t *value)
{
    if (json_is_object(place->value) && json_is_object(value)) {
        json_object_update(place->value, value);
        json_decref(value);
    } else if (json_is_array(place->value)) {
        const size_t items = json_array_size(place->value);

        json_array_insert_new(place->value, pick(dice, (uint32_t)items + 1),
                              value);
    } else {
        replace(place, value);
    }
}

static void step(struct dice *dice, struct document *document,
                 const struct document *from)
{
    const struct place *place = any_place(dice, document);

    switch (pick(dice, 5)) {
    case 0:
        take_away(place);
        break;
    case 1:
        replace(place, any_value(dice, from));
        break;
    case 2:
        replace(place, other_value(dice, place->value));
        break;
    default:
        put_in(dice, place, any_value(dice, from));
        break;
    }
    find_places(document);
}

/* Mutating */

static size_t finish(struct document *document, uint8_t *data, size_t size,
                     size_t room)
{
    static uint8_t out[OUT];
    const size_t made = write_document(document, out, room < OUT ? room : OUT);

    if (made == 0)
        return size;
    memcpy(data, out, made);
    return made;
}

size_t mutate(uint8_t *data, size_t size, size_t room, uint32_t seed)
{
    static struct document document;
    struct dice dice = {seed};

    read_document(&document, data, size);
    for (uint32_t steps = 1 + pick(&dice, 3); steps != 0; steps--)
        step(&dice, &document, &document);
    return finish(&document, data, size, room);
}

size_t mutate_cross(const uint8_t *one, size_t one_size, const uint8_t *other,
                    size_t other_size, uint8_t *out, size_t room, uint32_t seed)
{
    static struct document document;
    static struct document from;
    struct dice dice = {seed};
    const size_t size = one_size < room ? one_size : room;

    read_document(&document, one, one_size);
    read_document(&from, other, other_size);
    step(&dice, &document, &from);
    json_decref(from.root);
    memcpy(out, one, size);
    return finish(&document, out, size, room);
}
