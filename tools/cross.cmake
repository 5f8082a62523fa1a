# SPDX-License-Identifier: MIT

# The toolchain of the presets that compile for another architecture. They give
# the compiler, the emulator, and the folder that tools/sysroot made.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

# pkg-config finds the libraries of the folder only, each time CMake runs.
file(GLOB libraries ${CMAKE_SYSROOT}/usr/lib/*/pkgconfig)
set(ENV{PKG_CONFIG_LIBDIR} ${libraries})
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
