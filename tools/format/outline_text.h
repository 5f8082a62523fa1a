/* SPDX-License-Identifier: MIT */
/*
 * The text of a large vector file, read in parts of some lines. Nearly all of
 * it is hex digits of packets, and jansson takes 10 ns for each of them. So
 * they are read here, and the document that jansson parses is short.
 */
#ifndef GROVE_TOOLS_OUTLINE_TEXT_H
#define GROVE_TOOLS_OUTLINE_TEXT_H

#include <stdio.h>

#include "node.h"

struct outline_text {
    FILE *file;
    char *line; /* the last one that was read, with its end */
    size_t line_len;
    size_t line_room;
    FILE *part; /* the lines that were gathered last */
    char *text;
    size_t len;
    struct early_packet *early; /* the packets of these lines */
    size_t earlies;
    size_t early_room;
};

/* Opens the file at `path`. False: it cannot be opened. Close it anyway. */
bool outline_text_open(struct outline_text *text, const char *path);
void outline_text_close(struct outline_text *text);

/* Reads a line. False at the end. */
bool outline_text_line(struct outline_text *text);

/*
 * Gathers this line and those up to one that begins like `last`. The packets in
 * them are decoded to `arena`, which may be NULL: then they stay in the text.
 * False if there is no such line.
 */
bool outline_text_gather(struct outline_text *text, const char *last,
                         struct arena *arena);

/* Parses the lines, without the last `without` bytes. NULL: it is not JSON. */
json_t *outline_text_parse(struct outline_text *text, size_t without);

#endif
