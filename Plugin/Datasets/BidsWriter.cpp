// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Datasets/BidsWriter.h"

#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/Sha256.h"

#include <array>
#include <charconv>
#include <span>
#include <system_error>

namespace H3K27M::Datasets
{
  namespace
  {
    struct ColumnFacts
    {
      const char* name;
      const char* description;
    };

    // In the order of participants.tsv, after participant_id.
    constexpr std::array COLUMNS{
      ColumnFacts{"h3k27m_status", "Genotype by tissue: altered or wild-type; altered is the positive class"},
      ColumnFacts{"split", "development, external or excluded"},
      ColumnFacts{"reason", "Why the patient is excluded"},
      ColumnFacts{"site", "Where the patient was imaged or treated"},
      ColumnFacts{"assay", "How the genotype was found: pyrosequencing, ihc or other"},
      ColumnFacts{"gene", "Gene that was sequenced"},
      ColumnFacts{"age", "Age at imaging, years"},
      ColumnFacts{"sex", "M, F or O"},
      ColumnFacts{"manufacturer", "Of the scanner"},
      ColumnFacts{"model", "Of the scanner"},
      ColumnFacts{"field_strength_t", "Magnetic field strength, tesla"},
      ColumnFacts{"repetition_time_ms", "Repetition time, ms"},
      ColumnFacts{"echo_time_ms", "Echo time, ms"},
      ColumnFacts{"slice_thickness_mm", "Slice thickness, mm"},
      ColumnFacts{"synthetic", "yes: a synthetic phantom with a planted signal, no patient"}};

    std::string MakeTitle(const DatasetRequest& request)
    {
      std::string title = Routing::Describe(request.contrast);
      title.front() = 'A';
      return title + (request.contents == DatasetContents::Labelled ? ", with tumour masks and H3 K27M status"
                                                                    : ", without labels");
    }

    // BIDS: the entity `ce` names what was given, and tells the suffix T1w from one without it.
    std::string GetEntities(Routing::Contrast contrast)
    {
      return contrast == Routing::Contrast::T2w ? "" : "_ce-gadolinium";
    }

    const char* GetSuffix(Routing::Contrast contrast)
    {
      return contrast == Routing::Contrast::T2w ? "_T2w" : "_T1w";
    }

    constexpr const char* MASKS = "derivatives/masks/";

    std::string ToText(const Json::Value& json)
    {
      return Protocol::WriteCompactJson(json) + "\n";
    }

    Json::Value DescribeFolder(const std::string& name, const char* type)
    {
      Json::Value json;
      json["Name"] = name;
      json["BIDSVersion"] = "1.9.0";
      json["DatasetType"] = type;
      Json::Value generator;
      generator["Name"] = "Orthanc-H3K27M";
      json["GeneratedBy"].append(generator);
      return json;
    }

    // A cell must hold neither a tab nor a line end.
    std::string MakeCell(const std::map<std::string, std::string>& row, const char* column)
    {
      const auto found = row.find(column);
      std::string cell = found == row.end() || found->second.empty() ? "n/a" : found->second;

      for (char& c : cell)
      {
        c = c == '\t' || c == '\n' || c == '\r' ? ' ' : c;
      }

      return cell;
    }

    void SetNumber(Json::Value& json, const char* key, const std::map<std::string, std::string>& columns,
                   const char* column, double divisor)
    {
      const auto found = columns.find(column);

      if (found != columns.end())
      {
        double value = 0;
        const std::string& text = found->second;

        if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc())
        {
          json[key] = value / divisor;
        }
      }
    }

    // BIDS counts times in seconds.
    Json::Value DescribeImage(const std::map<std::string, std::string>& columns, Routing::Contrast contrast)
    {
      Json::Value json;
      json["Modality"] = "MR";

      if (contrast == Routing::Contrast::CeT1w)
      {
        json["ContrastBolusIngredient"] = "GADOLINIUM";
      }

      SetNumber(json, "MagneticFieldStrength", columns, "field_strength_t", 1);
      SetNumber(json, "RepetitionTime", columns, "repetition_time_ms", 1000);
      SetNumber(json, "EchoTime", columns, "echo_time_ms", 1000);
      SetNumber(json, "SliceThickness", columns, "slice_thickness_mm", 1);

      for (const auto& [key, column] : {std::pair("Manufacturer", "manufacturer"), {"ManufacturersModelName", "model"}})
      {
        if (const auto found = columns.find(column); found != columns.end())
        {
          json[key] = found->second;
        }
      }

      return json;
    }
  }

  BidsWriter::BidsWriter(const std::filesystem::path& folder, const DatasetRequest& request) :
    folder_(folder),
    contrast_(request.contrast)
  {
    WriteText("dataset_description.json", ToText(DescribeFolder(MakeTitle(request), "raw")));
    WriteText("README", MakeTitle(request) +
                          ", written by the Orthanc-H3K27M plugin.\n"
                          "Subjects are named by a keyed hash of the patient's identity. Research use only.\n");
    WriteText(".bidsignore", "manifest.json\n");  // ours, beside the standard's files
  }

  void BidsWriter::WriteText(const std::string& path, const std::string& text)
  {
    std::error_code error;
    std::filesystem::create_directories((folder_ / path).parent_path(), error);

    if (error)
    {
      throw Error(ErrorCode::Unavailable, "Cannot make the folder of " + path + ": " + error.message());
    }

    Protocol::WriteFileAtomically(folder_ / path, std::as_bytes(std::span(text)));
    files_[path] = Protocol::Sha256::OfText(text);
  }

  void BidsWriter::WriteImage(const std::string& path, const NiftiImage& image)
  {
    std::error_code error;
    std::filesystem::create_directories((folder_ / path).parent_path(), error);

    if (error)
    {
      throw Error(ErrorCode::Unavailable, "Cannot make the folder of " + path + ": " + error.message());
    }

    WriteNifti(folder_ / path, image);
    files_[path] = Protocol::Sha256::OfFile(folder_ / path);
  }

  void BidsWriter::Add(const DatasetSubject& subject)
  {
    if (!subject.image.voxels.empty())
    {
      const auto [first, isNew] = pixels_.emplace(Protocol::Sha256::OfText(subject.image.voxels), subject.id);

      if (!isNew)
      {
        throw Error(ErrorCode::Conflict, "the same images under two patients, " + first->second + " and " + subject.id);
      }

      const std::string stem = subject.id + "/anat/" + subject.id + GetEntities(contrast_) + GetSuffix(contrast_);
      WriteImage(stem + ".nii.gz", subject.image);
      WriteText(stem + ".json", ToText(DescribeImage(subject.columns, contrast_)));
    }

    if (!subject.mask.voxels.empty())
    {
      WriteText(std::string(MASKS) + "dataset_description.json",
                ToText(DescribeFolder("Tumour masks drawn by people; 1 = tumour", "derivative")));
      WriteImage(MASKS + subject.id + "/anat/" + subject.id + GetEntities(contrast_) + "_dseg.nii.gz", subject.mask);
    }

    rows_[subject.id] = subject.columns;
  }

  void BidsWriter::WriteTable()
  {
    std::string table = "participant_id";
    Json::Value descriptions;

    for (const ColumnFacts& column : COLUMNS)
    {
      table += std::string("\t") + column.name;
      descriptions[column.name]["Description"] = column.description;
    }

    table += "\n";

    for (const auto& [id, row] : rows_)
    {
      table += id;

      for (const ColumnFacts& column : COLUMNS)
      {
        table += "\t" + MakeCell(row, column.name);
      }

      table += "\n";
    }

    WriteText("participants.tsv", table);
    WriteText("participants.json", ToText(descriptions));
  }

  Json::Value BidsWriter::Finish(const Json::Value& facts)
  {
    WriteTable();
    Json::Value manifest = facts;
    std::string list;

    for (const auto& [path, hash] : files_)
    {
      manifest["files"][path] = hash;
      list += hash;
      list += "  " + path + "\n";
    }

    // Two sets of the same files of which something else is to be known are two sets. Without such a fact the hash is
    // that of the files alone, as that of earlier releases.
    for (const char* const fact : {LEFT_OUT, SAME_PATIENT})
    {
      if (facts.isMember(fact))
      {
        list += Protocol::Sha256::OfText(Protocol::WriteCompactJson(facts[fact]));
        list += std::string("  ") + fact + "\n";
      }
    }

    manifest["format"] = "h3k27m-dataset";
    manifest["version"] = 1;
    manifest["hash"] = Protocol::Sha256::OfText(list);
    const std::string text = ToText(manifest);
    Protocol::WriteFileAtomically(folder_ / "manifest.json", std::as_bytes(std::span(text)));
    return manifest;
  }
}
