# SPDX-License-Identifier: MIT

# What every file of a fuzzing build is compiled with, libgrove and the tools
# included: fuzz/README.md. Read before any target is made.

set(GROVE_FUZZ_ENGINE replay CACHE STRING
    "libfuzzer, afl (CC=afl-clang-fast), given (LIB_FUZZING_ENGINE), replay")
set_property(CACHE GROVE_FUZZ_ENGINE PROPERTY STRINGS
    libfuzzer afl given replay)
set(GROVE_FUZZ_SANITIZER none CACHE STRING
    "address,undefined, memory, or none beside what CMAKE_C_FLAGS has")

# Fuzzing has assertions, even if the build type disables them. A replay has
# those of its build.
if(NOT GROVE_FUZZ_ENGINE STREQUAL "replay")
    add_compile_options(-UNDEBUG -g -fno-omit-frame-pointer)
endif()

if(NOT GROVE_FUZZ_SANITIZER STREQUAL "none")
    add_compile_options(-fsanitize=${GROVE_FUZZ_SANITIZER}
        -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${GROVE_FUZZ_SANITIZER})
endif()

set(uninstrumented ${CMAKE_CURRENT_LIST_DIR}/uninstrumented.txt)
if(GROVE_FUZZ_ENGINE STREQUAL "libfuzzer")
    if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "GROVE_FUZZ_ENGINE=libfuzzer: set CC=clang")
    endif()
    # The link option lets the programs that are no targets find the runtime.
    # The mutator and the dictionary know more than traced comparisons tell,
    # which take a third of the time.
    add_compile_options(-fsanitize=fuzzer-no-link
        -fno-sanitize-coverage=trace-cmp
        -fsanitize-coverage-ignorelist=${uninstrumented})
    add_link_options(-fsanitize=fuzzer-no-link)
    set(GROVE_FUZZ_LINK -fsanitize=fuzzer)
elseif(GROVE_FUZZ_ENGINE STREQUAL "afl")
    if(NOT CMAKE_C_COMPILER MATCHES "afl-clang-(fast|lto)$")
        message(FATAL_ERROR "GROVE_FUZZ_ENGINE=afl: set CC=afl-clang-fast")
    endif()
    # afl-clang-fast links its persistent driver for this.
    set(GROVE_FUZZ_LINK -fsanitize=fuzzer)
elseif(GROVE_FUZZ_ENGINE STREQUAL "given")
    if(NOT DEFINED ENV{LIB_FUZZING_ENGINE})
        message(FATAL_ERROR
            "GROVE_FUZZ_ENGINE=given: LIB_FUZZING_ENGINE must be set")
    endif()
    if(CMAKE_C_FLAGS MATCHES "-fsanitize=[a-z,]*fuzzer-no-link")
        add_compile_options(-fsanitize-coverage-ignorelist=${uninstrumented})
    endif()
    # Engines are written in C++.
    enable_language(CXX)
    separate_arguments(GROVE_FUZZ_LINK UNIX_COMMAND
        "$ENV{LIB_FUZZING_ENGINE}")
elseif(NOT GROVE_FUZZ_ENGINE STREQUAL "replay")
    message(FATAL_ERROR "GROVE_FUZZ_ENGINE: ${GROVE_FUZZ_ENGINE} is unknown; "
        "give libfuzzer, afl, given or replay")
endif()
