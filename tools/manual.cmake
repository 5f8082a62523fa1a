# SPDX-License-Identifier: MIT

# The man pages and the completions, which tools/manual makes from what the
# command says about itself. They need python3, and a command that runs here.
find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_FOUND OR CMAKE_CROSSCOMPILING)
    message(STATUS "No man pages: they need python3 and no cross-compiler")
    return()
endif()

set(manual ${PROJECT_BINARY_DIR}/manual)
file(GLOB manual_sources CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_SOURCE_DIR}/scripts/manual/*.py
    ${PROJECT_SOURCE_DIR}/ref/include/grove/*)
add_custom_command(OUTPUT ${manual}/made
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${manual}
    COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/manual
        -o ${manual} $<TARGET_FILE:grove>
    COMMAND ${CMAKE_COMMAND} -E touch ${manual}/made
    DEPENDS grove manual ${manual_sources}
        ${PROJECT_SOURCE_DIR}/ref/profile.def
    COMMENT "The man pages and the completions")
add_custom_target(manual_pages ALL DEPENDS ${manual}/made)

install(DIRECTORY ${manual}/man1 ${manual}/man3
    DESTINATION ${CMAKE_INSTALL_MANDIR})
install(FILES ${manual}/completion/bash/grove
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${manual}/completion/zsh/_grove
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${manual}/completion/fish/grove.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
