// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/LabelMeMask.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Masks/SliceCanvas.h"
#include "Plugin/Volume/SourceSeries.h"

#include <set>

namespace H3K27M::Masks
{
  namespace
  {
    // As it is shown in a message: names come from outside and may be long.
    std::string Name(const std::string& fileName)
    {
      return "'" + fileName.substr(0, 100) + "'";
    }

    bool IsCount(const Json::Value& value, std::uint32_t wanted)
    {
      return value.isNumeric() && value.asDouble() == static_cast<double>(wanted);
    }

    std::string ToText(const Json::Value& value)
    {
      return value.isInt() ? std::to_string(value.asInt()) : "no whole number";
    }
  }

  LabelMeMask::LabelMeMask(const Volume::SourceSeries& series) :
    series_(series),
    names_(series)
  {
  }

  void LabelMeMask::AddFile(const std::string& name, std::string_view text)
  {
    try
    {
      Protocol::RequireFewValues(text, MAX_VALUES);
      AddDocument(name, Protocol::ParseJson(text));
    }
    catch (const Error& e)
    {
      faults_.Add(Name(name) + ": " + e.what());
    }
  }

  void LabelMeMask::AddDocuments(const Json::Value& json)
  {
    const Json::ArrayIndex count = json.isArray() ? json.size() : 1;
    for (Json::ArrayIndex i = 0; i < count; i++)
    {
      const Json::Value& document = json.isArray() ? json[i] : json;
      const bool isNamed = document.isObject() && document["imagePath"].isString();
      if (!isNamed)
      {
        faults_.Add("document " + std::to_string(i) +
                    ": it is no LabelMe object with an imagePath, which names the slice");
        continue;
      }
      AddDocument(document["imagePath"].asString(), document);
    }
  }

  void LabelMeMask::CheckSize(const std::string& what, const Json::Value& json)
  {
    const Json::Value& height = json["imageHeight"];
    const Json::Value& width = json["imageWidth"];
    if (!IsCount(height, series_.rows) || !IsCount(width, series_.columns))
    {
      faults_.Add(what + "imageWidth x imageHeight is " + ToText(width) + " x " + ToText(height) +
                  ", the slices have " + std::to_string(series_.columns) + " x " + std::to_string(series_.rows));
    }
  }

  void LabelMeMask::AddDocument(const std::string& name, const Json::Value& json)
  {
    const std::string what = Name(name) + ": ";
    documents_++;
    if (!json.isObject() || !json["shapes"].isArray())
    {
      faults_.Add(what + "it is no LabelMe file: 'shapes' is missing");
      return;
    }
    CheckSize(what, json);

    std::vector<LabelMeShape> shapes;
    for (Json::ArrayIndex i = 0; i < json["shapes"].size(); i++)
    {
      try
      {
        shapes.push_back(LabelMeShape::Parse(json["shapes"][i], series_.rows, series_.columns));
        points_ += shapes.back().points.size();
      }
      catch (const Error& e)
      {
        faults_.Add(what + "shape " + std::to_string(i) + ": " + e.what());
      }
    }

    try
    {
      if (!shapes_.emplace(names_.Find(name), std::move(shapes)).second)
      {
        faults_.Add(what + "its slice has another file already");
      }
    }
    catch (const Error& e)
    {
      faults_.Add(what + e.what());
    }
  }

  Results::MaskVolume LabelMeMask::Finish(const LabelChoice& choice) const
  {
    Support::FaultList faults = faults_;
    if (documents_ == 0 && faults.IsEmpty())
    {
      faults.Add("there is no LabelMe file");
    }
    if (points_ > MAX_POINTS)
    {
      faults.Add("the shapes have " + std::to_string(points_) + " points, the limit is " + std::to_string(MAX_POINTS));
    }
    faults.ThrowIfAny("The LabelMe files cannot be taken");

    std::set<std::string> labels;
    for (const auto& [slice, shapes] : shapes_)
    {
      for (const LabelMeShape& shape : shapes)
      {
        labels.insert(shape.label);
      }
    }
    choice.Check(labels);

    Results::MaskVolume mask(series_);
    for (const auto& [slice, shapes] : shapes_)
    {
      SliceCanvas canvas(series_.rows, series_.columns);
      for (const LabelMeShape& shape : shapes)
      {
        if (choice.Takes(shape.label))
        {
          shape.Draw(canvas);
        }
      }
      if (!canvas.IsEmpty())
      {
        mask.SetSlice(slice, canvas.GetPixels());
      }
    }
    return mask;
  }
}
