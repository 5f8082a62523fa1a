# SPDX-License-Identifier: MIT

# Adds a test: grove_add_test(NAME LABELS... COMMAND... [TIMEOUT] [COST]). Its
# name becomes "<first label>.<NAME>". COST is the CPU time in seconds that a
# long one takes: ctest begins with the highest, so that none is left at the end.
# Tests with the label `kernel` ask the live kernel one after the other, since
# each pins itself to one CPU; those with the label `tun` join devices by
# `grove tun`, also one after the other, since each uses all CPUs. As they wait
# for each other, they begin before all others. Tests whose first label is
# `whole` take too long for the gate, which tests a part of the same: they run
# by `ctest -C Whole` only.
function(grove_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;COST" "LABELS;COMMAND")
    if(CMAKE_CROSSCOMPILING AND "kernel" IN_LIST arg_LABELS)
        return()
    endif()
    list(GET arg_LABELS 0 kind)
    set(test ${GROVE_TEST_PREFIX}${kind}.${name})
    set(configurations)
    if(kind STREQUAL "whole")
        set(configurations CONFIGURATIONS Whole)
    endif()
    add_test(NAME ${test} ${configurations}
        COMMAND ${arg_COMMAND}
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
        COMMAND_EXPAND_LISTS)
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    # PYTHONPATH is for tests that import tools/scripts.
    # A sanitizer's report ends a program with status 99, which no test
    # expects.
    set_tests_properties(${test} PROPERTIES
        LABELS "${arg_LABELS}"
        TIMEOUT ${arg_TIMEOUT}
        SKIP_RETURN_CODE 77
        ENVIRONMENT "PYTHONPATH=${PROJECT_SOURCE_DIR}/tools;\
PYTHONDONTWRITEBYTECODE=1;ASAN_OPTIONS=exitcode=99;LSAN_OPTIONS=exitcode=99;\
UBSAN_OPTIONS=exitcode=99:print_stacktrace=1")
    if(arg_COST)
        set_tests_properties(${test} PROPERTIES COST ${arg_COST})
    endif()
    foreach(lock IN ITEMS tun kernel)
        if(lock IN_LIST arg_LABELS)
            set_tests_properties(${test} PROPERTIES
                RESOURCE_LOCK ${lock}
                COST 1000)
            break()
        endif()
    endforeach()
endfunction()

# Builds test_<subject>.c with cmocka and adds it:
# grove_add_unit_test(SUBJECT LIBRARIES... [LABELS...]). There is no kernel of
# another architecture that a test could ask.
function(grove_add_unit_test subject)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES;LABELS")
    if(CMAKE_CROSSCOMPILING AND "kernel" IN_LIST arg_LABELS)
        return()
    endif()
    add_executable(test_${subject} test_${subject}.c)
    target_link_libraries(test_${subject} PRIVATE
        ${arg_LIBRARIES} PkgConfig::CMOCKA)
    grove_add_test(${subject} LABELS unit ${arg_LABELS}
        COMMAND test_${subject})
endfunction()
