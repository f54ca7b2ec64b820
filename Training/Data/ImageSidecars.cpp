// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Training/Data/ImageSidecars.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

namespace H3K27M::Data
{
  namespace
  {
    struct SidecarField
    {
      const char* key;
      const char* column;
      double factor;  // from BIDS' unit to the column's; 0: a text
    };

    // BIDS counts times in seconds.
    constexpr std::array<SidecarField, 6> SIDECAR_FIELDS{{{"Manufacturer", "manufacturer", 0},
                                                          {"ManufacturersModelName", "model", 0},
                                                          {"MagneticFieldStrength", "field_strength_t", 1},
                                                          {"RepetitionTime", "repetition_time_ms", 1000},
                                                          {"EchoTime", "echo_time_ms", 1000},
                                                          {"SliceThickness", "slice_thickness_mm", 1}}};

    bool LacksColumn(const std::map<std::string, std::string>& columns)
    {
      return std::any_of(SIDECAR_FIELDS.begin(), SIDECAR_FIELDS.end(),
                         [&columns](const SidecarField& field) { return !columns.contains(field.column); });
    }

    // Six digits, none that say nothing: 0.0935 s are 93.5 ms.
    std::string PrintMeasure(double value)
    {
      std::array<char, 32> text{};
      const auto written = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 6);
      return {text.data(), written.ptr};
    }

    std::optional<std::string> ReadField(const Json::Value& value, const SidecarField& field)
    {
      if (field.factor == 0)
      {
        const std::string text = value.isString() ? value.asString() : std::string();
        return text.empty() || text == "n/a" ? std::nullopt : std::optional<std::string>(text);
      }
      const double measure = value.isNumeric() ? value.asDouble() * field.factor : 0;
      return measure > 0 && std::isfinite(measure) ? std::optional<std::string>(PrintMeasure(measure)) : std::nullopt;
    }

    std::map<std::string, std::string> ReadSidecar(const std::filesystem::path& file)
    {
      std::error_code error;
      const std::uintmax_t size = std::filesystem::file_size(file, error);
      std::ifstream stream(file, std::ios::binary);
      if (error || !stream)
      {
        throw Error(ErrorCode::NotFound, "it cannot be opened");
      }
      if (size > ImageSidecars::MAX_BYTES)
      {
        throw Error(ErrorCode::BadInput, "it is larger than " + std::to_string(ImageSidecars::MAX_BYTES) + " bytes");
      }
      const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
      const Json::Value json = Protocol::ParseJson(text);
      if (!json.isObject())
      {
        throw Error(ErrorCode::BadInput, "it holds no JSON object");
      }
      std::map<std::string, std::string> columns;
      for (const SidecarField& field : SIDECAR_FIELDS)
      {
        if (const auto value = ReadField(json[field.key], field))
        {
          columns.emplace(field.column, *value);
        }
      }
      return columns;
    }

    // "sub-a_ses-pre_T2w.nii.gz": sub-a, ses-pre, T2w.
    std::vector<std::string> SplitName(const std::filesystem::path& file)
    {
      const std::string name = file.filename().string();
      std::istringstream stream(name.substr(0, name.find('.')));
      std::vector<std::string> parts;
      for (std::string part; std::getline(stream, part, '_');)
      {
        parts.push_back(part);
      }
      return parts;
    }

    bool TellsOf(const std::vector<std::string>& sidecar, const std::vector<std::string>& image)
    {
      return !sidecar.empty() && sidecar.back() == image.back() &&
             std::all_of(sidecar.begin(), sidecar.end(), [&image](const std::string& part)
      { return std::find(image.begin(), image.end(), part) != image.end(); });
    }
  }

  ImageSidecars::ImageSidecars(const std::filesystem::path& folder) :
    folder_(folder)
  {
  }

  void ImageSidecars::Complete(BidsSubject& subject, std::vector<std::string>& faults)
  {
    if (subject.image.empty() || !LacksColumn(subject.columns))
    {
      return;
    }
    for (const std::filesystem::path& file : FindAll(subject.image))
    {
      bool isUsed = false;
      for (const auto& [column, value] : Read(file, faults))
      {
        isUsed = subject.columns.emplace(column, value).second || isUsed;
      }
      if (isUsed)
      {
        subject.sidecars.push_back(file);
      }
    }
  }

  // In the order of their names.
  const std::vector<std::filesystem::path>& ImageSidecars::List(const std::filesystem::path& level)
  {
    const auto [found, isNew] = listed_.try_emplace(level);
    if (isNew)
    {
      std::error_code error;
      std::filesystem::directory_iterator i(level, error);
      for (const std::filesystem::directory_iterator end{}; !error && i != end; i.increment(error))
      {
        if (i->path().extension() == ".json" && i->is_regular_file())
        {
          found->second.push_back(i->path());
        }
      }
      if (error)
      {
        throw Error(ErrorCode::Unavailable, "Cannot read all of the folder " + level.string() + ": " + error.message());
      }
      std::sort(found->second.begin(), found->second.end());
    }
    return found->second;
  }

  // Of all that tell of the image, the most specific one first.
  std::vector<std::filesystem::path> ImageSidecars::FindAll(const std::filesystem::path& image)
  {
    std::vector<std::filesystem::path> levels{folder_};
    for (const std::filesystem::path& part : image.parent_path().lexically_relative(folder_))
    {
      levels.push_back(levels.back() / part);
    }
    const std::vector<std::string> name = SplitName(image);
    std::vector<std::filesystem::path> found;
    for (auto level = levels.rbegin(); level != levels.rend(); ++level)
    {
      std::vector<std::filesystem::path> own = List(*level);
      std::erase_if(own, [&name](const auto& file) { return !TellsOf(SplitName(file), name); });
      std::stable_sort(own.begin(), own.end(),
                       [](const auto& a, const auto& b) { return SplitName(a).size() > SplitName(b).size(); });
      found.insert(found.end(), own.begin(), own.end());
    }
    return found;
  }

  const ImageSidecars::Columns& ImageSidecars::Read(const std::filesystem::path& file, std::vector<std::string>& faults)
  {
    const auto [found, isNew] = read_.try_emplace(file);
    if (isNew)
    {
      try
      {
        found->second = ReadSidecar(file);
      }
      catch (const Error& e)
      {
        std::string fault = file.lexically_relative(folder_).generic_string() + ": " + e.what();
        std::replace(fault.begin(), fault.end(), '\n', ' ');  // one line for each fault
        faults.push_back(std::move(fault));
      }
    }
    return found->second;
  }
}
