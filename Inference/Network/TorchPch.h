// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

// Precompiled header of everything that includes LibTorch (torch/torch.h alone takes most of a minute to parse).
// Owned by the target h3k27m_network; other targets say h3k27m_share_libtorch_header(TARGET).
// Each file still includes what it uses. A file that needs no LibTorch says so in its CMakeLists.txt: GCC instantiates
// at the end of each file anew what the header left open (15 s of processor time).
#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>
