# SPDX-License-Identifier: MIT
import pathlib

from setuptools import setup

setup(
    name="grove-gro",
    version="@VERSION@",
    description="Coalesces and splits the packets of TUN and TAP devices "
                "exactly as Linux does",
    long_description=pathlib.Path("README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.9",
    packages=["grove"],
    install_requires=["cffi>=1.15"],
    setup_requires=["cffi>=1.15"],
    cffi_modules=["declarations.py:builder"],
)
