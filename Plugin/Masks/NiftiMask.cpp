// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/NiftiMask.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/NiftiFacts.h"
#include "Plugin/Masks/GzipStream.h"
#include "Plugin/Masks/NiftiHeader.h"
#include "Plugin/Volume/SliceGrid.h"
#include "Plugin/Volume/SourceSeries.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

namespace H3K27M::Masks
{
  namespace
  {
    constexpr double WHOLE_NUMBER_TOLERANCE = 1e-3;  // a slope of 1/255 makes 0.9999 of 255
    constexpr double HIGHEST_LABEL = 65535;
    constexpr std::size_t MAX_LABELS = 256;  // a mask; an image has more values
    constexpr std::size_t VOXELS_PER_PIECE = 1 << 16;

    // The bytes of the file, inflated as far as they are asked for.
    class FileBytes
    {
    public:
      explicit FileBytes(std::string_view file) :
        rest_(file),
        gzip_(GzipStream::IsGzip(file) ? std::make_unique<GzipStream>(file) : nullptr)
      {
      }

      std::size_t Read(char* target, std::size_t size)
      {
        if (gzip_)
        {
          return gzip_->Read(target, size);
        }
        const std::size_t count = std::min(size, rest_.size());
        std::memcpy(target, rest_.data(), count);
        rest_.remove_prefix(count);
        return count;
      }

      void Require(char* target, std::size_t size)
      {
        if (Read(target, size) != size)
        {
          throw Error(ErrorCode::BadInput, "The NIfTI file is truncated");
        }
      }

    private:
      std::string_view rest_;
      std::unique_ptr<GzipStream> gzip_;
    };

    Protocol::VoxelReader GetReader(int datatype)
    {
      const Protocol::VoxelReader reader = Protocol::FindVoxelReader(datatype);
      if (reader == nullptr)
      {
        throw Error(ErrorCode::BadInput, "A mask's voxels are whole or floating-point numbers; the NIfTI file's are of "
                                         "type " +
                                           std::to_string(datatype));
      }
      return reader;
    }

    // Labels of all voxels in the file's order, and how often each occurs.
    class Labels
    {
    public:
      // Piece by piece: eight bytes a voxel are never all in memory.
      Labels(FileBytes& file, const NiftiHeader& header, std::size_t voxels)
      {
        const Protocol::VoxelReader reader = GetReader(header.datatype);
        std::vector<char> piece(VOXELS_PER_PIECE * header.bytesPerVoxel);
        labels_.reserve(voxels);
        while (labels_.size() < voxels)
        {
          const std::size_t count = std::min(VOXELS_PER_PIECE, voxels - labels_.size());
          file.Require(piece.data(), count * header.bytesPerVoxel);
          for (std::size_t i = 0; i < count; i++)
          {
            const double stored = reader(piece.data() + i * header.bytesPerVoxel, header.isSwapped);
            labels_.push_back(ToLabel(stored * header.slope + header.intercept));
          }
        }
      }

      std::uint16_t Get(std::size_t index) const
      {
        return labels_[index];
      }

      const std::set<std::uint16_t>& GetFound() const noexcept
      {
        return found_;
      }

    private:
      std::uint16_t ToLabel(double value)
      {
        const double rounded = std::round(value);
        if (!(rounded >= 0 && rounded <= HIGHEST_LABEL) || std::abs(value - rounded) > WHOLE_NUMBER_TOLERANCE)
        {
          throw Error(ErrorCode::BadInput,
                      "A mask holds whole numbers from 0 to 65535; the NIfTI file holds " + std::to_string(value));
        }
        const auto label = static_cast<std::uint16_t>(rounded);
        if (label != 0 && label != last_)
        {
          last_ = label;
          found_.insert(label);
          if (found_.size() > MAX_LABELS)
          {
            throw Error(ErrorCode::BadInput, "The NIfTI file holds more than 256 different values: it is an image, not "
                                             "a mask");
          }
        }
        return label;
      }

      std::vector<std::uint16_t> labels_;
      std::set<std::uint16_t> found_;
      std::uint16_t last_ = 0;
    };

    Labels ReadLabels(FileBytes& file, const NiftiHeader& header, std::size_t voxels)
    {
      if (voxels > Protocol::MAX_NIFTI_VOXELS)  // a series of 1 GiB, and the slices missing inside it
      {
        throw Error(ErrorCode::BadInput, "A mask of " + std::to_string(voxels) + " voxels cannot be processed");
      }
      std::vector<char> skipped(header.voxelOffset - NiftiHeader::SIZE);
      file.Require(skipped.data(), skipped.size());
      Labels labels(file, header, voxels);
      char further = 0;
      if (file.Read(&further, 1) != 0)  // the end of a gzip stream is also where its checksum is verified
      {
        throw Error(ErrorCode::BadInput, "The NIfTI file is longer than its header says");
      }
      return labels;
    }

    std::vector<bool> ListTaken(const std::set<std::uint16_t>& found, const LabelChoice& choice)
    {
      std::vector<bool> taken(static_cast<std::size_t>(HIGHEST_LABEL) + 1, false);
      std::set<std::string> names;
      for (const std::uint16_t label : found)
      {
        names.insert(std::to_string(label));
        taken[label] = choice.Takes(std::to_string(label));
      }
      choice.Check(names);
      return taken;
    }
  }

  bool IsNifti(std::string_view file) noexcept
  {
    return file.size() >= NiftiHeader::SIZE && file.substr(344, 2) == "n+";
  }

  Results::MaskVolume ReadNiftiMask(std::string_view bytes, const Volume::SourceSeries& series,
                                    const LabelChoice& choice)
  {
    FileBytes file(bytes);
    std::array<char, NiftiHeader::SIZE> start;
    file.Require(start.data(), start.size());
    const NiftiHeader header = ParseNiftiHeader({start.data(), start.size()});
    GetReader(header.datatype);
    const GridMatch match = GridMatch::Find(header.grid, series);

    // From here on the sizes are the series' own, which the limits on series hold.
    const Volume::SliceGrid grid(series);
    const std::size_t sliceSize = static_cast<std::size_t>(series.rows) * series.columns;
    const Labels labels = ReadLabels(file, header, sliceSize * match.CountPlaces());
    const std::vector<bool> taken = ListTaken(labels.GetFound(), choice);

    std::map<std::size_t, std::size_t> sliceAtPlace;
    for (std::size_t slice = 0; slice < series.slices.size(); slice++)
    {
      sliceAtPlace[grid.GetPlace(slice)] = slice;
    }
    Results::MaskVolume mask(series);
    std::vector<std::uint8_t> values(sliceSize);
    for (std::size_t place = 0; place < match.CountPlaces(); place++)
    {
      std::size_t marked = 0;
      for (std::size_t row = 0; row < series.rows; row++)
      {
        for (std::size_t column = 0; column < series.columns; column++)
        {
          const bool isTumour = taken[labels.Get(match.GetFileIndex(column, row, place))];
          values[row * series.columns + column] = isTumour ? 1 : 0;
          marked += isTumour ? 1 : 0;
        }
      }
      const auto slice = sliceAtPlace.find(place);
      if (marked > 0 && slice == sliceAtPlace.end())
      {
        throw Error(ErrorCode::BadInput, "The mask marks " + std::to_string(marked) + " voxels on slice " +
                                           std::to_string(place) + " of the stack, which the series lacks");
      }
      if (marked > 0)
      {
        mask.SetSlice(slice->second, values);
      }
    }
    return mask;
  }
}
