# SPDX-License-Identifier: MIT

# Writes a C file with the bytes of a file, for `cmake -P`: INPUT, OUTPUT, NAME.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
string(REGEX REPLACE "('.x0a',)" "\\1\n" bytes "${bytes}") # as in the file
cmake_path(GET INPUT FILENAME file)
file(WRITE ${OUTPUT} "/* ${file}, as bytes that end with a NUL. */
#include \"embedded.h\"

const char ${NAME}[] = {
${bytes}0};
")
