// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/FileLayout.h"

#include "Plugin/Volume/ElementReader.h"

#include <limits>
#include <vector>

namespace H3K27M::Volume
{
  namespace
  {
    constexpr std::uint64_t PREAMBLE_LENGTH = 128;
    constexpr std::uint32_t UNDEFINED_LENGTH = 0xFFFFFFFFu;
    constexpr std::uint64_t NO_END = std::numeric_limits<std::uint64_t>::max();
    constexpr std::uint16_t PIXEL_GROUP = 0x7FE0;
    constexpr std::uint16_t PIXEL_ELEMENT = 0x0010;

    Refusal NotDicom(const std::string& text)
    {
      return Refusal{RefusalCode::NotDicom, text};
    }

    // The open sequences and items round the current position.
    struct Level
    {
      bool isSequence = false;   // holds items; otherwise an item or the dataset, which hold elements
      bool isFragments = false;  // the items are opaque (encapsulated pixels of an icon)
      bool isExplicitVr = true;
      std::uint64_t end = NO_END;
      std::uint64_t bound = 0;  // no value inside may end beyond
    };

    class DatasetWalker
    {
    public:
      DatasetWalker(std::string_view file, FileLayout& layout, unsigned maxDepth) :
        reader_(file, layout.isBigEndian),
        layout_(layout),
        maxDepth_(maxDepth)
      {
        levels_.push_back(Level{false, false, layout.isExplicitVr, file.size(), file.size()});
      }

      // False with a failure text when the file cannot be used.
      bool Walk()
      {
        std::uint64_t position = layout_.datasetOffset;
        for (;;)
        {
          while (levels_.size() > 1 && levels_.back().end != NO_END && position >= levels_.back().end)
          {
            levels_.pop_back();
          }
          if (levels_.size() == 1 && position == reader_.GetSize())
          {
            layout_.datasetEnd = position;
            return true;
          }
          ElementHeader header;
          if (!reader_.Read(header, position, levels_.back().isExplicitVr))
          {
            return Fail(reader_.GetFailure());
          }
          if (levels_.size() == 1 && header.group == PIXEL_GROUP && header.element == PIXEL_ELEMENT)
          {
            layout_.datasetEnd = position;
            return LocatePixels(header);
          }
          if (!(levels_.back().isSequence ? EnterItem(header, position) : EnterElement(header, position)))
          {
            return false;
          }
        }
      }

      const std::string& GetFailure() const
      {
        return failure_;
      }

    private:
      bool Fail(const std::string& text)
      {
        failure_ = text;
        return false;
      }

      bool FailTruncated(const ElementHeader& header)
      {
        return Fail("the file is truncated: the value of " + FormatTag(header.group, header.element) + " has " +
                    std::to_string(header.length) + " bytes and ends beyond what holds it");
      }

      static bool Overruns(const ElementHeader& header, std::uint64_t bound)
      {
        return header.valueOffset > bound || header.length > bound - header.valueOffset;
      }

      bool Push(Level level, const ElementHeader& header)
      {
        // A sequence and its item are two levels.
        if (levels_.size() >= 2 * static_cast<std::size_t>(maxDepth_) + 1)
        {
          return Fail("sequences are nested deeper than " + std::to_string(maxDepth_) + " levels at " +
                      FormatTag(header.group, header.element));
        }
        level.bound = level.end == NO_END ? levels_.back().bound : level.end;
        levels_.push_back(level);
        return true;
      }

      bool EnterItem(const ElementHeader& header, std::uint64_t& position)
      {
        const Level sequence = levels_.back();
        position = header.valueOffset;
        if (header.group == ITEM_GROUP && header.element == SEQUENCE_DELIMITER && sequence.end == NO_END)
        {
          levels_.pop_back();
          return true;
        }
        if (header.group != ITEM_GROUP || header.element != ITEM)
        {
          return Fail("a sequence holds " + FormatTag(header.group, header.element) + " where an item must be");
        }
        if (header.length != UNDEFINED_LENGTH && Overruns(header, sequence.bound))
        {
          return FailTruncated(header);
        }
        if (sequence.isFragments)
        {
          if (header.length == UNDEFINED_LENGTH)
          {
            return Fail("a fragment of encapsulated pixels has no length");
          }
          position += header.length;
          return true;
        }
        const std::uint64_t end = header.length == UNDEFINED_LENGTH ? NO_END : position + header.length;
        return Push(Level{false, false, sequence.isExplicitVr, end, 0}, header);
      }

      bool EnterElement(const ElementHeader& header, std::uint64_t& position)
      {
        const Level item = levels_.back();
        position = header.valueOffset;
        if (header.group == ITEM_GROUP)
        {
          if (header.element == ITEM_DELIMITER && item.end == NO_END)
          {
            levels_.pop_back();
            return true;
          }
          return Fail("an unexpected " + FormatTag(header.group, header.element) + " stands between elements");
        }
        if (header.length == UNDEFINED_LENGTH)
        {
          // UN of undefined length holds implicit VR (PS3.5 section 6.2.2, note 2).
          const bool isFragments = header.vr == "OB" || header.vr == "OW";
          return Push(Level{true, isFragments, item.isExplicitVr && header.vr != "UN", NO_END, 0}, header);
        }
        if (Overruns(header, item.bound))
        {
          return FailTruncated(header);
        }
        const bool isSequence =
          header.vr == "SQ" || (header.vr.empty() && header.length >= 8 && reader_.StartsWithItem(position));
        if (isSequence && header.length > 0)
        {
          return Push(Level{true, false, item.isExplicitVr, position + header.length, 0}, header);
        }
        position += header.length;
        return true;
      }

      bool LocatePixels(const ElementHeader& header)
      {
        layout_.hasPixelData = true;
        layout_.pixelOffset = header.valueOffset;
        if (header.length != UNDEFINED_LENGTH)
        {
          layout_.pixelLength = header.length;
          return header.length <= reader_.GetSize() - header.valueOffset || FailTruncated(header);
        }
        layout_.isEncapsulated = true;
        return WalkFragments(header.valueOffset);
      }

      // Item by item to the delimiter (PS3.5 annex A.4); the first item is the offset table.
      bool WalkFragments(std::uint64_t position)
      {
        bool isOffsetTable = true;
        for (;;)
        {
          ElementHeader header;
          if (!reader_.Read(header, position, true))
          {
            return Fail("PixelData (7FE0,0010) is truncated: " + reader_.GetFailure());
          }
          if (header.group == ITEM_GROUP && header.element == SEQUENCE_DELIMITER)
          {
            return true;
          }
          if (header.group != ITEM_GROUP || header.element != ITEM)
          {
            return Fail("PixelData (7FE0,0010) holds " + FormatTag(header.group, header.element) +
                        " where a fragment must be");
          }
          if (header.length > reader_.GetSize() - header.valueOffset)
          {
            return Fail("PixelData (7FE0,0010) is truncated within a fragment");
          }
          layout_.fragments += isOffsetTable ? 0 : 1;
          layout_.pixelLength += isOffsetTable ? 0 : header.length;
          isOffsetTable = false;
          position = header.valueOffset + header.length;
        }
      }

      ElementReader reader_;
      FileLayout& layout_;
      unsigned maxDepth_;
      std::vector<Level> levels_;
      std::string failure_;
    };

    // The meta information, always explicit VR little endian: finds the transfer syntax and the end of the group.
    bool WalkMeta(std::string_view file, FileLayout& layout, std::string& failure)
    {
      ElementReader reader(file, false);
      std::uint64_t position = PREAMBLE_LENGTH + 4;
      while (position < file.size())
      {
        ElementHeader header;
        // The dataset that follows may be implicit VR or big endian: only the group tells.
        if (position + 2 > file.size() || file[position] != '\x02' || file[position + 1] != '\0')
        {
          break;
        }
        if (!reader.Read(header, position, true))
        {
          failure = reader.GetFailure();
          return false;
        }
        if (header.length > file.size() - header.valueOffset)
        {
          failure = "the file is truncated within " + FormatTag(header.group, header.element);
          return false;
        }
        if (header.element == 0x0010)
        {
          const std::string_view value = file.substr(header.valueOffset, header.length);
          layout.transferSyntaxUid = value.substr(0, value.find_last_not_of(std::string_view(" \0", 2)) + 1);
        }
        position = header.valueOffset + header.length;
      }
      // A GE archive of 2001 writes an empty (0000,0000) between meta information and dataset.
      constexpr std::string_view PADDING("\0\0\0\0\0\0\0\0", 8);
      while (file.substr(position, 8) == PADDING)
      {
        position += 8;
      }
      layout.datasetOffset = position;
      return true;
    }
  }

  LayoutOutcome LocateMeta(std::string_view file)
  {
    if (file.empty())
    {
      return NotDicom("the file is empty");
    }
    if (file.size() < PREAMBLE_LENGTH + 4 || file.substr(PREAMBLE_LENGTH, 4) != "DICM")
    {
      return NotDicom("no DICOM file: the prefix DICM is missing at byte 128");
    }
    FileLayout layout;
    std::string failure;
    if (!WalkMeta(file, layout, failure))
    {
      return NotDicom(failure);
    }
    if (layout.transferSyntaxUid.empty())
    {
      return NotDicom("TransferSyntaxUID (0002,0010) is missing");
    }
    return layout;
  }

  LayoutOutcome LocateParts(std::string_view file, unsigned maxDepth)
  {
    LayoutOutcome located = LocateMeta(file);
    if (std::holds_alternative<Refusal>(located))
    {
      return located;
    }
    FileLayout& layout = std::get<FileLayout>(located);
    if (layout.transferSyntaxUid == DEFLATED_SYNTAX)
    {
      return Refusal{RefusalCode::UndecodablePixels,
                     "TransferSyntaxUID (0002,0010) is Deflated Explicit VR Little Endian, "
                     "and the dataset cannot be inflated within the limits"};
    }
    layout.isExplicitVr = layout.transferSyntaxUid != "1.2.840.10008.1.2";
    layout.isBigEndian = layout.transferSyntaxUid == "1.2.840.10008.1.2.2";
    DatasetWalker walker(file, layout, maxDepth);
    if (!walker.Walk())
    {
      return NotDicom(walker.GetFailure());
    }
    return located;
  }
}
