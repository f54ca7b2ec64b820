// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/ContentItem.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/ItemWriter.h"

#include <dcmtk/dcmdata/dcdeftag.h>

namespace H3K27M::Results
{
  namespace
  {
    const char* ToDicom(Relationship relationship)
    {
      switch (relationship)
      {
        case Relationship::Contains:
          return "CONTAINS";
        case Relationship::HasObservationContext:
          return "HAS OBS CONTEXT";
        case Relationship::HasAcquisitionContext:
          return "HAS ACQ CONTEXT";
        case Relationship::HasConceptModifier:
          return "HAS CONCEPT MOD";
        case Relationship::SelectedFrom:
          return "SELECTED FROM";
      }
      throw Error(ErrorCode::Internal, "Unknown relationship of a content item");
    }
  }

  ContentItem::ContentItem(ValueType type, const Code& name) :
    type_(type),
    name_(name)
  {
  }

  ContentItem ContentItem::MakeContainer(const Code& name, const std::string& templateIdentifier)
  {
    ContentItem item(ValueType::Container, name);
    item.text_ = templateIdentifier;
    return item;
  }

  ContentItem ContentItem::MakeCode(const Code& name, const Code& value)
  {
    ContentItem item(ValueType::Code, name);
    item.code_ = value;
    return item;
  }

  ContentItem ContentItem::MakeText(const Code& name, const std::string& text)
  {
    ContentItem item(ValueType::Text, name);
    item.text_ = text;
    return item;
  }

  ContentItem ContentItem::MakeNumber(const Code& name, const std::string& value, const Code& unit)
  {
    ContentItem item(ValueType::Number, name);
    item.text_ = value;
    item.code_ = unit;
    return item;
  }

  ContentItem ContentItem::MakeUid(const Code& name, const std::string& uid)
  {
    ContentItem item(ValueType::Uid, name);
    item.text_ = uid;
    return item;
  }

  ContentItem ContentItem::MakeDate(const Code& name, const std::string& date)
  {
    ContentItem item(ValueType::Date, name);
    item.text_ = date;
    return item;
  }

  ContentItem ContentItem::MakeDateTime(const Code& name, const std::string& dateTime)
  {
    ContentItem item(ValueType::DateTime, name);
    item.text_ = dateTime;
    return item;
  }

  ContentItem ContentItem::MakePersonName(const Code& name, const std::string& personName)
  {
    ContentItem item(ValueType::PersonName, name);
    item.text_ = personName;
    return item;
  }

  ContentItem ContentItem::MakeImage(const Code& name, const ImageReference& reference)
  {
    ContentItem item(ValueType::Image, name);
    item.image_ = reference;
    return item;
  }

  ContentItem ContentItem::MakeComposite(const Code& name, const std::string& sopClassUid,
                                         const std::string& sopInstanceUid)
  {
    ContentItem item(ValueType::Composite, name);
    item.image_ = {sopClassUid, sopInstanceUid, std::nullopt, std::nullopt};
    return item;
  }

  ContentItem ContentItem::MakePolyline(const Code& name, const std::vector<float>& points)
  {
    ContentItem item(ValueType::Polyline, name);
    item.points_ = points;
    return item;
  }

  ContentItem& ContentItem::Add(Relationship relationship, ContentItem child)
  {
    children_.emplace_back(relationship, std::move(child));
    return *this;
  }

  void ContentItem::WriteTo(DcmItem& target) const
  {
    ItemWriter writer(target);
    writer.AddCode(DCM_ConceptNameCodeSequence, name_);
    WriteValue(target);
    for (const auto& [relationship, child] : children_)
    {
      ItemWriter item = writer.AddItem(DCM_ContentSequence);
      item.Text(DCM_RelationshipType, ToDicom(relationship));
      child.WriteTo(item.GetItem());
    }
  }

  void ContentItem::WriteValue(DcmItem& target) const
  {
    ItemWriter writer(target);
    switch (type_)
    {
      case ValueType::Container:
        writer.Text(DCM_ValueType, "CONTAINER").Text(DCM_ContinuityOfContent, "SEPARATE");
        if (!text_.empty())
        {
          writer.AddItem(DCM_ContentTemplateSequence)
            .Text(DCM_MappingResource, "DCMR")
            .Text(DCM_TemplateIdentifier, text_);
        }
        break;

      case ValueType::Code:
        writer.Text(DCM_ValueType, "CODE").AddCode(DCM_ConceptCodeSequence, code_);
        break;

      case ValueType::Text:
        writer.Text(DCM_ValueType, "TEXT").Text(DCM_TextValue, text_);
        break;

      case ValueType::Number:
        writer.Text(DCM_ValueType, "NUM")
          .AddItem(DCM_MeasuredValueSequence)
          .Text(DCM_NumericValue, text_)
          .AddCode(DCM_MeasurementUnitsCodeSequence, code_);
        break;

      case ValueType::Uid:
        writer.Text(DCM_ValueType, "UIDREF").Text(DCM_UID, text_);
        break;

      case ValueType::Date:
        writer.Text(DCM_ValueType, "DATE").Text(DCM_Date, text_);
        break;

      case ValueType::DateTime:
        writer.Text(DCM_ValueType, "DATETIME").Text(DCM_DateTime, text_);
        break;

      case ValueType::PersonName:
        writer.Text(DCM_ValueType, "PNAME").Text(DCM_PersonName, text_);
        break;

      case ValueType::Image:
        WriteReference(target, "IMAGE");
        break;

      case ValueType::Composite:
        WriteReference(target, "COMPOSITE");
        break;

      case ValueType::Polyline:
        writer.Text(DCM_ValueType, "SCOORD").Text(DCM_GraphicType, "POLYLINE").Floats(DCM_GraphicData, points_);
        break;
    }
  }

  void ContentItem::WriteReference(DcmItem& target, const char* valueType) const
  {
    ItemWriter reference = ItemWriter(target).Text(DCM_ValueType, valueType).AddItem(DCM_ReferencedSOPSequence);
    reference.Text(DCM_ReferencedSOPClassUID, image_.sopClassUid)
      .Text(DCM_ReferencedSOPInstanceUID, image_.sopInstanceUid);
    if (image_.frame)
    {
      reference.Text(DCM_ReferencedFrameNumber, std::to_string(*image_.frame));
    }
    if (image_.segment)
    {
      reference.Unsigned(DCM_ReferencedSegmentNumber, *image_.segment);
    }
  }
}
