/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <stdbool.h>
#include <string.h>

/* The bytes that are not read yet. */
struct reader {
    const uint8_t *at;
    size_t left;
};

/* The next byte; 0 after the end. */
static uint8_t read8(struct reader *reader)
{
    if (reader->left == 0)
        return 0;
    reader->left--;
    return *reader->at++;
}

static uint16_t read16(struct reader *reader)
{
    const uint8_t high = read8(reader);

    return (uint16_t)(high << 8 | read8(reader));
}

size_t script_vnet_len(uint8_t layers)
{
    if ((layers & INPUT_VNET_24) != 0)
        return GROVE_VNET_TUNNEL_LEN;
    return (layers & INPUT_VNET_12) != 0 ? GROVE_VNET_BUFFERS_LEN
                                         : GROVE_VNET_LEN;
}

static void read_entry(struct reader *reader, struct entry *entry,
                       size_t vnet_len)
{
    *entry = (struct entry){.kind = read8(reader)};
    if (entry->kind == INPUT_FLUSH)
        return;
    entry->given = read16(reader);
    entry->fill = read16(reader);
    if ((entry->kind & INPUT_VNET) != 0)
        for (size_t i = 0; i < vnet_len; i++)
            entry->vnet[i] = read8(reader);
    if (entry->given > reader->left)
        entry->given = (uint16_t)reader->left;
    entry->bytes = reader->at;
    reader->at += entry->given;
    reader->left -= entry->given;
}

/* The byte behind the mark, if that is next. */
static uint8_t read_marked(struct reader *reader, uint8_t mark)
{
    if (reader->left == 0 || *reader->at != mark)
        return 0;
    read8(reader);
    return read8(reader);
}

void script_read(struct script *script, const uint8_t *data, size_t size)
{
    static const uint8_t nothing[1];
    struct reader reader = {size != 0 ? data : nothing, size};

    script->config = read8(&reader);
    script->max_flows = read8(&reader);
    script->layers = read_marked(&reader, INPUT_LAYERS);
    script->growth = read_marked(&reader, INPUT_GROWTH);
    script->entries = 0;
    while (reader.left != 0 && script->entries < INPUT_ENTRIES)
        read_entry(&reader, &script->entry[script->entries++],
                   script_vnet_len(script->layers));
}

/* Without the mark, a first packet of its kind would be read as it. */
static bool has_mark(const struct script *script, uint8_t byte, uint8_t mark)
{
    return byte != 0 || (script->entries != 0 && script->entry[0].kind == mark);
}

static bool has_layers(const struct script *script)
{
    return has_mark(script, script->layers, INPUT_LAYERS);
}

static bool has_growth(const struct script *script)
{
    return has_mark(script, script->growth, INPUT_GROWTH);
}

static size_t entry_size(const struct entry *entry, size_t vnet_len)
{
    if (entry->kind == INPUT_FLUSH)
        return 1;
    return INPUT_PACKET + entry->given +
           ((entry->kind & INPUT_VNET) != 0 ? vnet_len : 0);
}

size_t script_size(const struct script *script)
{
    const size_t vnet_len = script_vnet_len(script->layers);
    size_t size = INPUT_HEADER;

    if (has_layers(script))
        size += INPUT_MARK;
    if (has_growth(script))
        size += INPUT_MARK;
    for (size_t i = 0; i < script->entries; i++)
        size += entry_size(&script->entry[i], vnet_len);
    return size;
}

static uint8_t *write16(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

static uint8_t *write_bytes(uint8_t *to, const uint8_t *bytes, size_t len)
{
    if (len != 0)
        memcpy(to, bytes, len);
    return to + len;
}

static uint8_t *write_entry(uint8_t *to, const struct entry *entry,
                            size_t vnet_len)
{
    *to++ = entry->kind;
    if (entry->kind == INPUT_FLUSH)
        return to;
    to = write16(to, entry->given);
    to = write16(to, entry->fill);
    if ((entry->kind & INPUT_VNET) != 0)
        to = write_bytes(to, entry->vnet, vnet_len);
    return write_bytes(to, entry->bytes, entry->given);
}

void script_write(const struct script *script, uint8_t *data)
{
    *data++ = script->config;
    *data++ = script->max_flows;
    if (has_layers(script)) {
        *data++ = INPUT_LAYERS;
        *data++ = script->layers;
    }
    if (has_growth(script)) {
        *data++ = INPUT_GROWTH;
        *data++ = script->growth;
    }
    for (size_t i = 0; i < script->entries; i++)
        data = write_entry(data, &script->entry[i],
                           script_vnet_len(script->layers));
}
