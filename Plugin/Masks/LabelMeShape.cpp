// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Masks/LabelMeShape.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Masks/SliceCanvas.h"

#include <algorithm>
#include <array>

namespace H3K27M::Masks
{
  namespace
  {
    using Kind = LabelMeShape::Kind;

    struct KindRule
    {
      const char* name;  // LabelMe's shape_type
      Kind kind;
      std::size_t fewest;  // points
      std::size_t most;
    };

    constexpr std::array<KindRule, 6> RULES = {{{"polygon", Kind::Polygon, 3, LabelMeShape::MAX_POINTS},
                                                {"rectangle", Kind::Rectangle, 2, 2},
                                                {"circle", Kind::Circle, 2, 2},
                                                {"line", Kind::Line, 2, 2},
                                                {"linestrip", Kind::LineStrip, 2, LabelMeShape::MAX_POINTS},
                                                {"point", Kind::Point, 1, 1}}};

    [[noreturn]] void Refuse(const std::string& reason)
    {
      throw Error(ErrorCode::BadInput, reason);
    }

    const KindRule& FindRule(const Json::Value& json)
    {
      const Json::Value& type = json["shape_type"];
      if (type.isNull())
      {
        return RULES.front();
      }
      const std::string name = type.isString() ? type.asString() : std::string();
      const auto* rule =
        std::find_if(RULES.begin(), RULES.end(), [&name](const KindRule& candidate) { return name == candidate.name; });
      if (rule == RULES.end())
      {
        Refuse("its shape_type \"" + name.substr(0, 40) +
               "\" is none of polygon, rectangle, circle, line, linestrip, point");
      }
      return *rule;
    }

    PixelPoint ParsePoint(const Json::Value& json, std::uint32_t rows, std::uint32_t columns)
    {
      if (!json.isArray() || json.size() != 2 || !json[0].isNumeric() || !json[1].isNumeric())
      {
        Refuse("a point is not [x, y]");
      }
      const PixelPoint point = {json[0].asDouble(), json[1].asDouble()};
      const double width = columns;
      const double height = rows;
      if (!(point.x >= -width && point.x <= 2 * width && point.y >= -height && point.y <= 2 * height))
      {
        Refuse("a point lies more than a whole image outside");
      }
      return point;
    }
  }

  LabelMeShape LabelMeShape::Parse(const Json::Value& json, std::uint32_t rows, std::uint32_t columns)
  {
    if (!json.isObject() || !json["label"].isString() || json["label"].asString().empty())
    {
      Refuse("it has no label");
    }

    LabelMeShape shape;
    shape.label = json["label"].asString();
    const KindRule& rule = FindRule(json);
    shape.kind = rule.kind;

    const Json::Value& points = json["points"];
    if (!points.isArray() || points.size() < rule.fewest || points.size() > rule.most)
    {
      const std::string wanted = rule.fewest == rule.most
                                   ? std::to_string(rule.fewest)
                                   : std::to_string(rule.fewest) + " to " + std::to_string(rule.most);
      Refuse(std::string("a ") + rule.name + " needs " + wanted + " points and has " +
             (points.isArray() ? std::to_string(points.size()) : "none"));
    }
    for (const Json::Value& point : points)
    {
      shape.points.push_back(ParsePoint(point, rows, columns));
    }
    return shape;
  }

  void LabelMeShape::Draw(SliceCanvas& canvas) const
  {
    switch (kind)
    {
      case Kind::Polygon:
        DrawPolygon(canvas, points);
        break;
      case Kind::Rectangle:
        DrawRectangle(canvas, points[0], points[1]);
        break;
      case Kind::Circle:
        DrawCircle(canvas, points[0], points[1]);
        break;
      case Kind::Line:
      case Kind::LineStrip:
        DrawLineStrip(canvas, points);
        break;
      case Kind::Point:
        DrawPoint(canvas, points[0]);
        break;
    }
  }
}
