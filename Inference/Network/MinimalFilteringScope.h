// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

namespace H3K27M::Network
{
  // Says for its life whether networks that are trained in this thread compute convolutions by minimal filtering where
  // they can (TrainedConvolution.h). Outside of one they do not.
  class MinimalFilteringScope
  {
  public:
    explicit MinimalFilteringScope(bool isOn) noexcept;
    MinimalFilteringScope(const MinimalFilteringScope&) = delete;
    MinimalFilteringScope& operator=(const MinimalFilteringScope&) = delete;
    ~MinimalFilteringScope();

    static bool IsOn() noexcept;

  private:
    bool before_;
  };
}
