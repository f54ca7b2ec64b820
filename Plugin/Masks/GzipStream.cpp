// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/GzipStream.h"

#include "Inference/Protocol/Error.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace H3K27M::Masks
{
  namespace
  {
    constexpr int GZIP_WINDOW = 15 + 16;  // zlib: the largest window, with gzip's header and checksum
    constexpr std::size_t MAX_PIECE = std::numeric_limits<uInt>::max() / 2;
  }

  class GzipStream::Implementation
  {
  public:
    explicit Implementation(std::string_view bytes) :
      rest_(bytes)
    {
      if (inflateInit2(&stream_, GZIP_WINDOW) != Z_OK)
      {
        throw std::bad_alloc();
      }
    }

    ~Implementation()
    {
      inflateEnd(&stream_);
    }

    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    std::size_t Read(char* target, std::size_t size)
    {
      std::size_t done = 0;
      while (done < size && !isAtEnd_)
      {
        if (stream_.avail_in == 0)
        {
          const std::size_t piece = std::min(rest_.size(), MAX_PIECE);
          // zlib's interface is not const; it does not write there.
          stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));
          stream_.avail_in = static_cast<uInt>(piece);
          rest_.remove_prefix(piece);
        }
        const auto wanted = static_cast<uInt>(std::min(size - done, MAX_PIECE));
        stream_.next_out = reinterpret_cast<Bytef*>(target + done);
        stream_.avail_out = wanted;
        const int status = inflate(&stream_, Z_NO_FLUSH);
        done += wanted - stream_.avail_out;
        isAtEnd_ = status == Z_STREAM_END;
        if (status != Z_OK && status != Z_STREAM_END)
        {
          throw Error(ErrorCode::BadInput, "The gzip stream is damaged or truncated");
        }
      }
      return done;
    }

  private:
    std::string_view rest_;
    z_stream stream_ = {};
    bool isAtEnd_ = false;
  };

  bool GzipStream::IsGzip(std::string_view bytes) noexcept
  {
    return bytes.starts_with("\x1f\x8b");
  }

  GzipStream::GzipStream(std::string_view bytes) :
    implementation_(std::make_unique<Implementation>(bytes))
  {
  }

  GzipStream::~GzipStream() = default;

  std::size_t GzipStream::Read(char* target, std::size_t size)
  {
    return implementation_->Read(target, size);
  }
}
