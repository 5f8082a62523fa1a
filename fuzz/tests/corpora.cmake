# SPDX-License-Identifier: MIT

# All targets of this folder, without the fuzz_ before their names.
get_directory_property(targets BUILDSYSTEM_TARGETS)
list(FILTER targets INCLUDE REGEX "^fuzz_")
list(TRANSFORM targets REPLACE "^fuzz_" "")

# The inputs of all targets as files. They are unpacked when an archive has
# changed.
set(corpora ${CMAKE_CURRENT_BINARY_DIR}/corpus)
if(GROVE_FUZZ_ENGINE STREQUAL "replay")
    grove_add_test(unpack LABELS fuzz
        COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/run unpack --into ${corpora})
    set_tests_properties(${GROVE_TEST_PREFIX}fuzz.unpack PROPERTIES
        FIXTURES_SETUP ${GROVE_TEST_PREFIX}corpora)
endif()

# The adapter that diff_exec drives, if this build has the command.
if(TARGET grove)
    set(adapter ${CMAKE_COMMAND} -E env
        "GROVE_FUZZ_EXEC=$<TARGET_FILE:grove> adapter")
else()
    set(adapter)
    list(REMOVE_ITEM targets diff_exec)
endif()

foreach(name IN LISTS targets)
    set(labels fuzz)
    if(name MATCHES "^diff_g")
        list(APPEND labels kernel)
    endif()
    # Each passes on its corpus, with the compiler and sanitizer of this build.
    if(GROVE_FUZZ_ENGINE STREQUAL "replay")
        grove_add_test(${name} LABELS ${labels}
            COMMAND ${adapter} $<TARGET_FILE:fuzz_${name}> ${corpora}/${name})
        set_tests_properties(${GROVE_TEST_PREFIX}fuzz.${name} PROPERTIES
            FIXTURES_REQUIRED ${GROVE_TEST_PREFIX}corpora)
    endif()
    # Each finds nothing in so many more, mostly the same each time. Campaigns
    # find others. JSON takes a hundred times as long.
    if(GROVE_GATE)
        set(runs 50000)
        if(name MATCHES "^(adapter|diff_exec|vector)$")
            set(runs 3000)
        endif()
        grove_add_test(${name}-mutated LABELS ${labels}
            COMMAND ${adapter} ${CMAKE_CURRENT_SOURCE_DIR}/run ${name}
                --temporary --seed 1 --runs ${runs})
        set_tests_properties(${GROVE_TEST_PREFIX}fuzz.${name}-mutated PROPERTIES
            FIXTURES_REQUIRED fuzz_build)
    endif()
endforeach()

if(NOT GROVE_TEST_PREFIX AND TARGET fuzz-seeds) # once, in the release build
    grove_add_test(seeds LABELS fuzz
        COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tests/seeds.py
            $<TARGET_FILE:fuzz-seeds>)
endif()

if(GROVE_GATE)
    grove_add_test(archives LABELS fuzz control
        COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tests/archives.py)
    grove_add_test(rights LABELS fuzz
        COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tests/rights.py)
    if(adapter)
        grove_add_test(repeat LABELS fuzz
            COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tests/repeat.py
                $<TARGET_FILE:grove>)
        # They use the same folders.
        foreach(name IN ITEMS repeat checksum-mutated diff_exec-mutated)
            set_tests_properties(${GROVE_TEST_PREFIX}fuzz.${name} PROPERTIES
                RESOURCE_LOCK ${GROVE_TEST_PREFIX}fuzz.temporary
                FIXTURES_REQUIRED fuzz_build)
        endforeach()
    endif()
    grove_add_test(build LABELS fuzz TIMEOUT 900
        COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/run build --engine libfuzzer)
    set_tests_properties(${GROVE_TEST_PREFIX}fuzz.build PROPERTIES
        FIXTURES_SETUP fuzz_build)
    # Only the trials ask the kernel.
    grove_add_test(controls-build LABELS fuzz control TIMEOUT 900
        COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/run
            controls --gate --most 2 --build)
    set_tests_properties(${GROVE_TEST_PREFIX}fuzz.controls-build PROPERTIES
        FIXTURES_SETUP ${GROVE_TEST_PREFIX}controls)
    grove_add_test(controls LABELS fuzz control kernel TIMEOUT 900
        COMMAND ${adapter} ${CMAKE_CURRENT_SOURCE_DIR}/run
            controls --gate --most 2 --built --trials 1)
    set_tests_properties(${GROVE_TEST_PREFIX}fuzz.controls PROPERTIES
        FIXTURES_REQUIRED ${GROVE_TEST_PREFIX}controls)
    grove_add_test(controls LABELS whole fuzz kernel TIMEOUT 1800
        COMMAND ${adapter} ${CMAKE_CURRENT_SOURCE_DIR}/run
            controls --gate --trials 1)
    # In the gate by one sanitizer only.
    grove_add_test(oss-fuzz LABELS fuzz TIMEOUT 900 COST 30
        COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tests/oss_fuzz.py
            OssFuzz.test_address)
    grove_add_test(oss-fuzz LABELS whole fuzz TIMEOUT 900
        COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tests/oss_fuzz.py)
endif()
