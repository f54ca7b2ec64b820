// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Phantom/PhantomDataset.h"

#include "Inference/Phantom/PhantomGenerator.h"
#include "Inference/Phantom/PhantomJson.h"
#include "Inference/Preprocess/NiftiVolume.h"
#include "Inference/Protocol/AtomicFile.h"
#include "Inference/Protocol/Error.h"
#include "Inference/Protocol/JsonText.h"
#include "Inference/Protocol/ParallelTasks.h"

#include <cstdio>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace H3K27M::Phantom
{
  namespace
  {
    void CreateFolder(const std::filesystem::path& path)
    {
      std::error_code error;
      std::filesystem::create_directories(path, error);
      if (error)
      {
        throw Error(ErrorCode::Unavailable, "Cannot create the folder " + path.string() + ": " + error.message());
      }
    }

    void WriteText(const std::filesystem::path& path, const std::string& text)
    {
      Protocol::WriteFileAtomically(path, std::as_bytes(std::span(text)));
    }

    std::string GetSubject(const PhantomParameters& parameters)
    {
      char text[48];
      std::snprintf(text, sizeof(text), "sub-phantom%08llu", static_cast<unsigned long long>(parameters.seed));
      return text;
    }

    // BIDS has seconds, DICOM and we have milliseconds.
    std::string MakeSidecar(const PhantomVolume& volume)
    {
      Json::Value sidecar(Json::objectValue);
      sidecar["EchoTime"] = volume.echoTimeMs / 1000;
      sidecar["RepetitionTime"] = volume.repetitionTimeMs / 1000;
      sidecar["SliceThickness"] = volume.sliceThicknessMm;
      sidecar["Manufacturer"] = "Orthanc-H3K27M phantom (synthetic, no patient)";
      sidecar["Phantom"] = Protocol::ParseJson(DescribePhantom(volume));
      return Protocol::WriteCompactJson(sidecar) + "\n";
    }

    void WriteImages(const std::filesystem::path& folder, const PhantomVolume& volume)
    {
      const std::string subject = GetSubject(volume.parameters);
      const auto anat = folder / subject / "anat";
      const auto derived = folder / "derivatives" / "phantom" / subject / "anat";
      CreateFolder(anat);
      CreateFolder(derived);

      Preprocess::NiftiVolume::NewFile file;
      file.geometry.slices = volume.parameters.slices;
      file.geometry.rows = volume.parameters.rows;
      file.geometry.columns = volume.parameters.columns;
      file.geometry.pixelSpacingMm = {volume.parameters.pixelSpacingMm, volume.parameters.pixelSpacingMm};
      file.geometry.sliceSpacingMm = volume.parameters.sliceSpacingMm;
      file.firstPositionMm = volume.firstSlicePositionMm;
      Preprocess::NiftiVolume::Write(anat / (subject + "_T2w.nii.gz"), file, std::span(volume.voxels));
      Preprocess::NiftiVolume::Write(derived / (subject + "_dseg.nii.gz"), file, std::span(volume.mask));
      WriteText(anat / (subject + "_T2w.json"), MakeSidecar(volume));
    }

    std::string MakeRow(const PhantomVolume& volume)
    {
      const PhantomParameters& parameters = volume.parameters;
      char numbers[96];
      std::snprintf(numbers, sizeof(numbers), "\t%llu\t%.3f\t%.1f\n", static_cast<unsigned long long>(parameters.seed),
                    parameters.signalStrength, volume.tumourVolumeMm3);
      const std::string status = parameters.hasTumour ? std::string(ToString(parameters.status)) : "n/a";
      const std::string site = parameters.hasTumour ? volume.tumourSite : "n/a";
      return GetSubject(parameters) + "\t" + status + "\tphantom\t" + site + numbers;
    }
  }

  void PhantomDatasetOptions::Check() const
  {
    if (count == 0 || count > 100000)
    {
      throw Error(ErrorCode::BadInput, "Phantoms: the count must lie between 1 and 100000");
    }
    if (!(tumourFreeShare >= 0 && tumourFreeShare <= 1))
    {
      throw Error(ErrorCode::BadInput, "Phantoms: the tumour-free share must lie between 0 and 1");
    }
    if (maximumMatrix < 64 || maximumMatrix > 512)
    {
      throw Error(ErrorCode::BadInput, "Phantoms: the largest matrix must lie between 64 and 512");
    }
    if (firstSeed > UINT64_MAX - count)
    {
      throw Error(ErrorCode::BadInput, "Phantoms: the seeds pass the end of 64 bits");
    }
    GetSeriesMember(*this, 0).Validate();
  }

  PhantomParameters GetSeriesMember(const PhantomDatasetOptions& options, unsigned int index)
  {
    PhantomParameters parameters = PhantomParameters::DrawAcquisition(options.firstSeed + index, options.maximumMatrix);
    parameters.signalStrength = options.signalStrength;
    // Every phantom at which the running total of the share passes a whole number has no tumour.
    const auto before = static_cast<unsigned int>(options.tumourFreeShare * index);
    const auto after = static_cast<unsigned int>(options.tumourFreeShare * (index + 1));
    parameters.hasTumour = after == before;
    const unsigned int withTumour = index - before;
    parameters.status = withTumour % 2 == 0 ? GenotypeStatus::Altered : GenotypeStatus::WildType;
    return parameters;
  }

  void WritePhantomDataset(const PhantomDatasetOptions& options, std::shared_ptr<const TissueAtlas> atlas,
                           const std::function<void(unsigned int)>& onWritten)
  {
    options.Check();
    CreateFolder(options.folder);
    if (!std::filesystem::is_empty(options.folder))
    {
      throw Error(ErrorCode::Conflict, "The folder " + options.folder.string() + " is not empty");
    }
    const PhantomGenerator generator(std::move(atlas));
    std::vector<std::string> rows(options.count);
    std::mutex mutex;
    unsigned int done = 0;
    Protocol::RunInParallel(options.count, options.threads, [&](std::size_t i)
    {
      const PhantomVolume volume = generator.Generate(GetSeriesMember(options, static_cast<unsigned int>(i)));
      WriteImages(options.folder, volume);
      rows[i] = MakeRow(volume);
      const std::lock_guard lock(mutex);
      onWritten(++done);
    });
    std::string table = "participant_id\th3k27m_status\tsite\ttumour_site\tseed\tsignal_strength\ttumour_volume_mm3\n";
    for (const std::string& row : rows)
    {
      table += row;
    }
    WriteText(options.folder / "participants.tsv", table);
    WriteText(options.folder / "dataset_description.json",
              R"({"BIDSVersion":"1.9.0","DatasetType":"raw","Name":"Orthanc-H3K27M phantoms: synthetic, no patients"})"
              "\n");
    WriteText(options.folder / "derivatives" / "phantom" / "dataset_description.json",
              R"({"BIDSVersion":"1.9.0","DatasetType":"derivative","GeneratedBy":[{"Name":"h3k27m phantom"}],)"
              R"("Name":"Tumour masks of the phantoms; 1 = tumour"})"
              "\n");
  }
}
