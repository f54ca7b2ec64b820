// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/DeflatedFile.h"

#include "Plugin/Volume/FileLayout.h"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace H3K27M::Volume
{
  namespace
  {
    constexpr std::string_view EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";
    constexpr std::size_t CHUNK = 1 << 20;
    constexpr int RAW_DEFLATE = -15;  // no zlib header, as the standard wants it

    // Ends the stream whichever way the function is left.
    class InflateStream
    {
    public:
      InflateStream() :
        isOpen_(inflateInit2(&stream_, RAW_DEFLATE) == Z_OK)
      {
      }

      ~InflateStream()
      {
        if (isOpen_)
        {
          inflateEnd(&stream_);
        }
      }

      InflateStream(const InflateStream&) = delete;
      InflateStream& operator=(const InflateStream&) = delete;

      // Empty when `input` is no complete stream or inflates to more than `maxBytes`.
      std::optional<std::string> Run(std::string& input, std::uint64_t maxBytes)
      {
        if (!isOpen_ || input.size() > maxBytes)
        {
          return std::nullopt;
        }
        std::string output;
        std::vector<char> chunk(CHUNK);
        stream_.next_in = reinterpret_cast<Bytef*>(input.data());
        stream_.avail_in = static_cast<uInt>(input.size());
        for (;;)
        {
          stream_.next_out = reinterpret_cast<Bytef*>(chunk.data());
          stream_.avail_out = static_cast<uInt>(chunk.size());
          const int status = inflate(&stream_, Z_NO_FLUSH);
          const std::size_t written = chunk.size() - stream_.avail_out;
          if ((status != Z_OK && status != Z_STREAM_END) || output.size() + written > maxBytes)
          {
            return std::nullopt;
          }
          output.append(chunk.data(), written);
          if (status == Z_STREAM_END)
          {
            return output;
          }
        }
      }

    private:
      z_stream stream_ = {};
      bool isOpen_;  // after stream_
    };
  }

  std::string InflateIfDeflated(std::string file, std::uint64_t maxBytes)
  {
    const LayoutOutcome located = LocateMeta(file);
    const auto* layout = std::get_if<FileLayout>(&located);
    if (layout == nullptr || layout->transferSyntaxUid != DEFLATED_SYNTAX)
    {
      return file;
    }
    std::string deflated = file.substr(layout->datasetOffset);
    const auto limit = std::min<std::uint64_t>(maxBytes, UINT32_MAX);  // zlib counts a call's input in 32 bits
    const std::optional<std::string> dataset = InflateStream().Run(deflated, limit);
    const std::size_t uid = file.find(DEFLATED_SYNTAX);
    if (!dataset || uid >= layout->datasetOffset)
    {
      return file;
    }
    // The shorter UID is padded to the old length, so that no length of the meta information changes.
    std::string inflated = file.substr(0, layout->datasetOffset);
    std::string padded(EXPLICIT_LITTLE_ENDIAN);
    padded.resize(DEFLATED_SYNTAX.size(), '\0');
    inflated.replace(uid, padded.size(), padded);
    return inflated + *dataset;
  }
}
