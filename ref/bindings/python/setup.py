# SPDX-License-Identifier: MIT
from setuptools import setup

setup(
    name="grove-gro",
    version="@VERSION@",
    description="Coalesces and splits TUN packets exactly as Linux does",
    license="MIT",
    python_requires=">=3.9",
    packages=["grove"],
    install_requires=["cffi>=1.15"],
    setup_requires=["cffi>=1.15"],
    cffi_modules=["declarations.py:builder"],
)
