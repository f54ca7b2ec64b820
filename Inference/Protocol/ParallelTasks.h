// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <functional>

namespace H3K27M::Protocol
{
  // Calls `work` once with each of 0 .. `count` - 1, from the calling thread and `threads` - 1 others, in no stated
  // order, and returns when all have ended. What is the first to be thrown is thrown again here; what was not begun by
  // then is left out. `work` must be safe to be called from several threads at once.
  void RunInParallel(std::size_t count, unsigned int threads, const std::function<void(std::size_t)>& work);
}
