// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <orthanc/OrthancCPlugin.h>

#include <string>
#include <string_view>

namespace H3K27M::OrthancBinding
{
  // Bytes that the core allocated; given back to it on destruction.
  class MemoryBuffer
  {
  public:
    explicit MemoryBuffer(OrthancPluginContext* context) noexcept :
      context_(context)
    {
    }

    MemoryBuffer(const MemoryBuffer&) = delete;
    MemoryBuffer& operator=(const MemoryBuffer&) = delete;

    ~MemoryBuffer()
    {
      if (buffer_.data != nullptr)
      {
        OrthancPluginFreeMemoryBuffer(context_, &buffer_);
      }
    }

    OrthancPluginMemoryBuffer* Get() noexcept
    {
      return &buffer_;
    }

    std::string_view View() const noexcept
    {
      return {static_cast<const char*>(buffer_.data), buffer_.size};
    }

    std::string ToString() const
    {
      return std::string(View());
    }

  private:
    OrthancPluginContext* context_;
    OrthancPluginMemoryBuffer buffer_ = {nullptr, 0};
  };
}
