// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "Plugin/Results/Code.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

class DcmItem;

namespace H3K27M::Results
{
  enum class Relationship
  {
    Contains,
    HasObservationContext,
    HasAcquisitionContext,
    HasConceptModifier,
    SelectedFrom
  };

  // Reference of an IMAGE or COMPOSITE item.
  struct ImageReference
  {
    std::string sopClassUid;
    std::string sopInstanceUid;
    std::optional<unsigned> frame;  // 1-based; none = all frames
    std::optional<std::uint16_t> segment;
  };

  // A node of an SR document's content tree (PS3.3 C.17.3). A plain value with children; every item has a concept name,
  // images too, because viewers read it unasked.
  class ContentItem
  {
  public:
    static ContentItem MakeContainer(const Code& name, const std::string& templateIdentifier = std::string());
    static ContentItem MakeCode(const Code& name, const Code& value);
    static ContentItem MakeText(const Code& name, const std::string& text);
    static ContentItem MakeNumber(const Code& name, const std::string& value, const Code& unit);
    static ContentItem MakeUid(const Code& name, const std::string& uid);
    static ContentItem MakeDate(const Code& name, const std::string& date);
    static ContentItem MakeDateTime(const Code& name, const std::string& dateTime);
    static ContentItem MakePersonName(const Code& name, const std::string& personName);
    static ContentItem MakeImage(const Code& name, const ImageReference& reference);

    // An object that is no image: another report.
    static ContentItem MakeComposite(const Code& name, const std::string& sopClassUid,
                                     const std::string& sopInstanceUid);

    // Points of an SCOORD as column, row, column, row, ...: 0, 0 is the top left corner of the top left pixel
    // (PS3.3 C.18.6.1.2). A closed outline repeats its first point at the end.
    static ContentItem MakePolyline(const Code& name, const std::vector<float>& points);

    ContentItem& Add(Relationship relationship, ContentItem child);

    // Writes this item as the root of a document, or into an item of its parent's ContentSequence.
    void WriteTo(DcmItem& target) const;

  private:
    enum class ValueType
    {
      Container,
      Code,
      Text,
      Number,
      Uid,
      Date,
      DateTime,
      PersonName,
      Image,
      Composite,
      Polyline
    };

    ContentItem(ValueType type, const Code& name);

    void WriteValue(DcmItem& target) const;
    void WriteReference(DcmItem& target, const char* valueType) const;

    ValueType type_;
    Code name_;
    std::string text_;      // the value of all types that are text; the template of a container
    Code code_;             // value of a CODE, unit of a NUM
    ImageReference image_;  // of IMAGE and COMPOSITE
    std::vector<float> points_;
    std::vector<std::pair<Relationship, ContentItem>> children_;
  };
}
