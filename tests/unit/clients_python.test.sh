#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests of clients/python.
set -euo pipefail
python3 tests/unit/clients_python.py
