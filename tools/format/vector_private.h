/* SPDX-License-Identifier: MIT */
/* What reading and writing vector files share. */
#ifndef GROVE_TOOLS_VECTOR_PRIVATE_H
#define GROVE_TOOLS_VECTOR_PRIVATE_H

#include "node.h"
#include "vector.h"

/* Reads the document; false and at->in->why if something is wrong. */
bool vector_file_decode(const struct node *at, struct vector_file *file);

#endif
