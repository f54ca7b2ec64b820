// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Reports/TensorBoardExport.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Training/Reports/StepPositions.h"
#include "Training/Reports/TensorBoardFile.h"
#include "Training/Runs/RunFiles.h"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <exception>
#include <fstream>
#include <map>
#include <optional>
#include <string>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr const char* FILE_NAME = "events.out.tfevents.h3k27m";
    constexpr const char* TAGS[] = {"total",          "cross_entropy", "iou",           "focal",
                                    "reconstruction", "rate",          "gradient_norm", "seconds_per_step"};

    struct Unit
    {
      std::optional<TensorBoardFile> file;
      StepPositions positions;
    };

    // 0 when it is none of ours.
    double ReadTime(const std::string& text)
    {
      std::tm parts{};
      return strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr ? 0 : static_cast<double>(timegm(&parts));
    }

    // One folder, whatever the name holds.
    std::string MakeFolderName(const std::string& unit)
    {
      std::string name = unit.empty() ? "training" : unit;
      std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '_'; }, '-');
      return name;
    }

    void Add(Unit& unit, const Json::Value& event)
    {
      const double time = ReadTime(event["time"].asString());
      if (!unit.file)
      {
        unit.file.emplace(time);
      }
      std::map<std::string, double> values;
      for (const char* tag : TAGS)
      {
        if (event[tag].isNumeric())
        {
          values[tag] = event[tag].asDouble();
        }
      }
      unit.file->Add(time, unit.positions.Locate(event), values);
    }
  }

  std::size_t ExportTensorBoard(const std::filesystem::path& run, const std::filesystem::path& output)
  {
    std::map<std::string, Unit> units;
    std::ifstream stream(run / Runs::EVENTS_FILE, std::ios::binary);
    std::string line;
    while (std::getline(stream, line))
    {
      try
      {
        const Json::Value event = Protocol::ParseJson(line);
        if (event["event"] == "step")
        {
          Add(units[MakeFolderName(event["unit"].asString())], event);
        }
      }
      catch (const std::exception&)
      {
        continue;  // half a line, of a run that was killed or that still goes on
      }
    }
    std::size_t written = 0;
    for (const auto& [name, unit] : units)
    {
      if (unit.file)
      {
        std::filesystem::create_directories(output / name);
        unit.file->Save(output / name / FILE_NAME);
        written++;
      }
    }
    if (written == 0)
    {
      throw Error(ErrorCode::NotFound, (run / Runs::EVENTS_FILE).string() + " tells of no step of a training");
    }
    return written;
  }
}
