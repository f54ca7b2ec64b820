// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Results/ResultIdentity.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Volume/SourceSeries.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace H3K27M::Results
{
  namespace
  {
    // Drawn once at random for this project; changing it renames every result.
    constexpr boost::uuids::uuid PROJECT_NAMESPACE = {
      {0xc9, 0x9b, 0xaf, 0x3e, 0xa2, 0x66, 0x49, 0xb3, 0x9c, 0x37, 0x7e, 0x71, 0xe7, 0x70, 0xb5, 0xea}};

    std::string_view GetRoleName(ResultRole role)
    {
      switch (role)
      {
        case ResultRole::Segmentation:
          return "segmentation";
        case ResultRole::SegmentationSeries:
          return "segmentation-series";
        case ResultRole::Saliency:
          return "saliency";
        case ResultRole::SaliencySeries:
          return "saliency-series";
        case ResultRole::Report:
          return "report";
        case ResultRole::ReportSeries:
          return "report-series";
        case ResultRole::TumourTracking:
          return "tumour-tracking";
        case ResultRole::DimensionOrganization:
          return "dimension-organization";
        case ResultRole::ReferenceMask:
          return "reference-mask";
        case ResultRole::ReferenceMaskSeries:
          return "reference-mask-series";
        case ResultRole::ReferenceTracking:
          return "reference-tracking";
      }
      throw Error(ErrorCode::Internal, "Unknown role of a result");
    }

    std::vector<std::string> GetInstances(const Volume::SourceSeries& source)
    {
      std::vector<std::string> uids;
      uids.reserve(source.slices.size());
      for (const Volume::SourceSlice& slice : source.slices)
      {
        uids.push_back(slice.sopInstanceUid);
      }
      return uids;
    }

    void RequireOneLine(const std::string& value, const char* what)
    {
      if (value.empty() || value.find('\n') != std::string::npos)
      {
        throw Error(ErrorCode::BadInput, std::string("The identity of a result needs ") + what + ", one line of text");
      }
    }
  }

  std::string MakeNameBasedUid(const std::string& name)
  {
    const boost::uuids::uuid uuid = boost::uuids::name_generator_sha1(PROJECT_NAMESPACE)(name);
    std::array<std::uint8_t, 16> number;
    std::copy(uuid.begin(), uuid.end(), number.begin());

    // Long division of the 128-bit number by ten; the digits come lowest first.
    std::string digits;
    do
    {
      unsigned remainder = 0;
      for (std::uint8_t& byte : number)
      {
        const unsigned value = remainder * 256 + byte;
        byte = static_cast<std::uint8_t>(value / 10);
        remainder = value % 10;
      }
      digits.push_back(static_cast<char>('0' + remainder));
    } while (std::any_of(number.begin(), number.end(), [](std::uint8_t byte) { return byte != 0; }));
    std::reverse(digits.begin(), digits.end());
    return "2.25." + digits;
  }

  std::string NameStack(const Volume::SourceSeries& source)
  {
    std::string all = source.seriesInstanceUid;
    for (const Volume::SourceSlice& slice : source.slices)
    {
      all += '\n' + slice.sopInstanceUid + ' ' + std::to_string(slice.frameNumber);
    }
    return MakeNameBasedUid(all);
  }

  ResultIdentity::ResultIdentity(const Volume::SourceSeries& source, const std::string& modelHash,
                                 const std::string& configurationHash) :
    ResultIdentity(source.seriesInstanceUid, GetInstances(source), modelHash, configurationHash)
  {
  }

  ResultIdentity::ResultIdentity(const std::string& seriesInstanceUid, std::vector<std::string> sopInstanceUids,
                                 const std::string& modelHash, const std::string& configurationHash)
  {
    RequireOneLine(seriesInstanceUid, "a series instance UID");
    RequireOneLine(modelHash, "the model's hash");
    RequireOneLine(configurationHash, "the configuration's hash");
    if (sopInstanceUids.empty())
    {
      throw Error(ErrorCode::BadInput, "The identity of a result needs the instances that it is made from");
    }

    std::sort(sopInstanceUids.begin(), sopInstanceUids.end());
    sopInstanceUids.erase(std::unique(sopInstanceUids.begin(), sopInstanceUids.end()), sopInstanceUids.end());

    // Line breaks part the ingredients (none may hold one), so no two inputs run together into one name.
    ingredients_ = "series " + seriesInstanceUid + "\n";
    for (const std::string& uid : sopInstanceUids)
    {
      RequireOneLine(uid, "SOP instance UIDs");
      ingredients_ += "instance " + uid + "\n";
    }
    ingredients_ += "model " + modelHash + "\nconfiguration " + configurationHash + "\n";
  }

  std::string ResultIdentity::GetUid(ResultRole role, unsigned index) const
  {
    return MakeNameBasedUid(ingredients_ + "role " + std::string(GetRoleName(role)) + "\nindex " +
                            std::to_string(index) + "\n");
  }
}
