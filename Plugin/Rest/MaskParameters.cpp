// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Rest/MaskParameters.h"

#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Plugin/Masks/GzipStream.h"
#include "Plugin/Masks/LabelMeMask.h"
#include "Plugin/Masks/NiftiMask.h"
#include "Plugin/Rest/QueryText.h"
#include "Plugin/Results/Codes.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace H3K27M::Rest
{
  namespace
  {
    using Kind = Masks::MaskUpload::Kind;
    using Results::SegmentAlgorithmType;

    constexpr std::array<const char*, 10> NAMES = {"series",         "contrast",       "label",   "roi",  "segment",
                                                   "algorithm-type", "algorithm-name", "creator", "site", "replaces"};
    constexpr std::string_view HEADER_PREFIX = "h3k27m-";

    void Add(MaskParameters& parameters, const std::string& name, const std::string& value)
    {
      if (std::find(NAMES.begin(), NAMES.end(), name) == NAMES.end())
      {
        throw Error(ErrorCode::BadInput, "Unknown parameter '" + name + "'");
      }

      if (parameters.emplace(name, value).first->second != value)
      {
        throw Error(ErrorCode::BadInput, "Parameter '" + name + "' is given twice and differently");
      }
    }

    std::string DecodePercent(const std::string& text)
    {
      std::string decoded;

      for (std::size_t i = 0; i < text.size(); i++)
      {
        unsigned value = 0;
        const bool isEscape = text[i] == '%' && i + 2 < text.size();
        const char* const digits = text.data() + i + 1;

        if (isEscape && std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2)
        {
          decoded.push_back(static_cast<char>(value));
          i += 2;
        }
        else
        {
          decoded.push_back(text[i]);
        }
      }

      return decoded;
    }

    std::string Get(const MaskParameters& parameters, const char* name)
    {
      const auto found = parameters.find(name);
      return found == parameters.end() ? std::string() : found->second;
    }

    // The members of {"segmentation": "...", "segment": 2, "algorithm_type": "MANUAL", ...} are parameters too.
    void AddMembers(MaskParameters& parameters, const Json::Value& json)
    {
      for (const std::string& member : json.getMemberNames())
      {
        const Json::Value& value = json[member];

        if (member == "segmentation" || value.isNull())
        {
          continue;
        }

        if (!value.isString() && !value.isInt())
        {
          throw Error(ErrorCode::BadInput, "'" + member + "' must be a text or a whole number");
        }

        std::string name = member;
        std::replace(name.begin(), name.end(), '_', '-');
        Add(parameters, name, value.isString() ? value.asString() : std::to_string(value.asInt()));
      }
    }

    std::optional<SegmentAlgorithmType> ParseAlgorithmType(const std::string& text)
    {
      if (text.empty())
      {
        return std::nullopt;
      }

      if (text == "MANUAL" || text == "manual")
      {
        return SegmentAlgorithmType::Manual;
      }

      if (text == "SEMIAUTOMATIC" || text == "semiautomatic")
      {
        return SegmentAlgorithmType::SemiAutomatic;
      }

      throw Error(ErrorCode::BadInput, "'algorithm-type' must be MANUAL or SEMIAUTOMATIC");
    }

    std::optional<Results::Code> ParseSite(const std::string& text)
    {
      const std::map<std::string, Results::Code> sites = {{"brain", Results::Codes::BRAIN},
                                                          {"brain-stem", Results::Codes::BRAIN_STEM},
                                                          {"midbrain", Results::Codes::MIDBRAIN},
                                                          {"thalamus", Results::Codes::THALAMUS}};

      if (text.empty())
      {
        return std::nullopt;
      }

      const auto found = sites.find(text);

      if (found == sites.end())
      {
        throw Error(ErrorCode::BadInput, "'site' must be brain, brain-stem, midbrain or thalamus");
      }

      return found->second;
    }

    unsigned ParseSegment(const std::string& text)
    {
      unsigned number = 0;
      const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);

      if (!text.empty() && (fault != std::errc() || end != text.data() + text.size() || number == 0))
      {
        throw Error(ErrorCode::BadInput, "'segment' must be the number of a segment");
      }

      return number;
    }

    Kind TellKind(const Request& request)
    {
      const std::string type = request.GetContentType();
      const std::string_view body = request.body;

      if (type == "application/json")
      {
        return Kind::LabelMeDocuments;
      }

      if (type == "application/zip")
      {
        return Kind::LabelMeArchive;
      }

      if (type == "application/dicom")
      {
        return Kind::RtStruct;
      }

      if (type != "application/octet-stream" || Masks::GzipStream::IsGzip(body) || Masks::IsNifti(body))
      {
        return Kind::Nifti;
      }

      if (body.starts_with("PK"))
      {
        return Kind::LabelMeArchive;
      }

      if (body.size() > 132 && body.substr(128, 4) == "DICM")
      {
        return Kind::RtStruct;
      }

      throw Error(ErrorCode::BadInput, "The body is neither NIfTI nor ZIP nor DICOM");
    }

    void ParseJsonBody(const Request& request, Masks::MaskUpload& upload, MaskParameters& parameters)
    {
      if (request.body.size() > Masks::LabelMeMask::MAX_FILE_BYTES)
      {
        throw Error(ErrorCode::BadInput, "The JSON body has more than " +
                                           std::to_string(Masks::LabelMeMask::MAX_FILE_BYTES) +
                                           " bytes; send the files as a ZIP");
      }

      Protocol::RequireFewValues(request.body, Masks::LabelMeMask::MAX_VALUES);
      upload.json = Protocol::ParseJson(request.body);

      if (upload.json.isObject() && upload.json.isMember("segmentation"))
      {
        if (!upload.json["segmentation"].isString() || upload.json["segmentation"].asString().empty())
        {
          throw Error(ErrorCode::BadInput, "'segmentation' must be an Orthanc identifier or a SOPInstanceUID");
        }

        upload.kind = Kind::Segmentation;
        upload.segmentation = upload.json["segmentation"].asString();
        AddMembers(parameters, upload.json);
      }
    }
  }

  std::vector<std::string> ListMaskContentTypes()
  {
    return {"application/json",  "application/zip",  "application/dicom",       "application/x-nifti",
            "application/nifti", "application/gzip", "application/octet-stream"};
  }

  MaskParameters ParseMaskParameters(const Request& request)
  {
    MaskParameters parameters;

    for (const auto& [name, value] : request.query)
    {
      Add(parameters, name, value);
    }

    for (const auto& [name, value] : request.headers)
    {
      if (name.starts_with(HEADER_PREFIX))
      {
        Add(parameters, name.substr(HEADER_PREFIX.size()), DecodePercent(value));
      }
    }

    return parameters;
  }

  std::string GetSeries(const MaskParameters& parameters)
  {
    return Get(parameters, "series");
  }

  std::optional<std::string> GetReplaced(const MaskParameters& parameters)
  {
    return ParseSeen(Get(parameters, "replaces"));
  }

  Masks::MaskUpload ParseMaskUpload(const Request& request)
  {
    if (request.body.size() > Masks::MAX_UPLOAD_BYTES)
    {
      throw Error(ErrorCode::BadInput, "The body has more than " + std::to_string(Masks::MAX_UPLOAD_BYTES) + " bytes");
    }

    MaskParameters parameters = ParseMaskParameters(request);
    Masks::MaskUpload upload;
    upload.kind = TellKind(request);
    upload.body = request.body;

    if (upload.kind == Kind::LabelMeDocuments)
    {
      ParseJsonBody(request, upload, parameters);
    }

    upload.series = Get(parameters, "series");
    upload.contrast = Routing::ParseContrast(Get(parameters, "contrast"));
    upload.label = Get(parameters, "label");
    upload.roi = Get(parameters, "roi");
    upload.segment = ParseSegment(Get(parameters, "segment"));
    upload.algorithmType = ParseAlgorithmType(Get(parameters, "algorithm-type"));
    upload.algorithmName = Get(parameters, "algorithm-name");
    upload.creator = Get(parameters, "creator");
    upload.site = ParseSite(Get(parameters, "site"));
    upload.replaces = GetReplaced(parameters);
    return upload;
  }
}
