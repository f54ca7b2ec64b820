// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace H3K27M::Masks
{
  // Reads a gzip stream (RFC 1952) that lies in memory, piece by piece: the caller decides how much it wants before any
  // of it exists, so nothing can blow up. The bytes must outlive it. One thread.
  class GzipStream
  {
  public:
    static bool IsGzip(std::string_view bytes) noexcept;

    explicit GzipStream(std::string_view bytes);

    ~GzipStream();

    // Fills `target` and returns how many bytes there were: fewer than `size` at the end of the stream only, where its
    // checksum is verified. Throws Error(BadInput) when the stream is damaged or truncated.
    std::size_t Read(char* target, std::size_t size);

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
  };
}
