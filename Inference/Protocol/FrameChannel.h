// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace H3K27M::Protocol
{
  // One end of the engine's socket, or a file of recorded frames. A frame is a 32-bit little-endian length and that
  // many bytes, at most MAX_FRAME_BYTES: the length is checked before memory is taken.
  // Threads: one reader and one writer at a time; Shutdown() from any thread wakes both.
  class FrameChannel
  {
  public:
    // Owns the descriptor from here on.
    explicit FrameChannel(int descriptor);

    FrameChannel(const FrameChannel&) = delete;
    FrameChannel& operator=(const FrameChannel&) = delete;

    ~FrameChannel();

    // Blocks until a whole frame is there. Empty when the peer closed between two frames.
    // Throws Error(Corrupt) on a length of 0 or beyond the limit or an end inside a frame,
    // Error(Unavailable) when the socket broke.
    std::optional<std::vector<std::byte>> Read();

    // Blocks until the frame is handed to the kernel. Never raises SIGPIPE: Orthanc leaves that signal at its default
    // while plugins are initialised. Throws Error(Unavailable) when the peer is gone.
    void Write(std::span<const std::byte> frame);

    // Ends both directions; the descriptor stays reserved until destruction, so no other thread's can be hit.
    void Shutdown() noexcept;

  private:
    // False at a clean end before the first byte.
    bool ReadFully(std::span<std::byte> target);
    void WriteFully(std::span<const std::byte> head, std::span<const std::byte> body);

    int descriptor_;
    bool isSocket_;
  };
}
