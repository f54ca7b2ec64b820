// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// h3k27m_sample_results FOLDER [SERIES...]: writes one object of each kind, and the masks that went in, for readers of
// others to be tried on (UnitTests/Interoperability); for each folder SERIES of DICOM files (a real series) a SEG and an
// SR on its grid, named series-<n>. Names: <sample>.seg.dcm, <sample>.sr.dcm, <sample>.mask (the expected
// voxels: [frame, row, column] uint8, only slices with tumour), <sample>.json (what to expect).

#include "Plugin/Results/LabelWriter.h"
#include "Plugin/Results/PhantomSeriesWriter.h"
#include "Plugin/Results/ReviewWriter.h"
#include "Plugin/Results/SaliencyWriter.h"
#include "Plugin/Results/SegWriter.h"
#include "Plugin/Results/SrWriter.h"
#include "Plugin/Volume/DicomReader.h"
#include "Plugin/Volume/VolumeAssembler.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <json/value.h>
#include <json/writer.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;

  void Write(const std::filesystem::path& path, const std::string& bytes)
  {
    std::ofstream stream(path, std::ios::binary);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    stream.close();
    if (!stream)
    {
      throw std::runtime_error("Cannot write " + path.string());
    }
  }

  class SampleFolder
  {
  public:
    explicit SampleFolder(const std::filesystem::path& folder) :
      folder_(folder)
    {
      std::filesystem::create_directories(folder);
    }

    void WriteDicom(const std::string& name, const DicomInstance& instance) const
    {
      Write(folder_ / (name + ".dcm"), instance.bytes);
    }

    // The mask as a reader should get it, and the positions of its frames.
    void WriteExpected(const std::string& name, const MaskVolume& mask, const Volume::SourceSeries& source) const
    {
      std::string voxels;
      Json::Value expected(Json::objectValue);
      expected["rows"] = source.rows;
      expected["columns"] = source.columns;
      expected["volume_mm3"] = ComputeVolumeMm3(mask, source);
      expected["frames"] = Json::arrayValue;
      const std::size_t size = static_cast<std::size_t>(source.rows) * source.columns;
      for (const std::size_t slice : mask.GetTumourSlices())
      {
        for (std::size_t i = 0; i < size; i++)
        {
          voxels.push_back(mask.GetSlice(slice)[i] != 0 ? '\1' : '\0');
        }
        Json::Value frame(Json::objectValue);
        frame["source_instance"] = source.slices[slice].sopInstanceUid;
        frame["source_frame"] = source.slices[slice].isMultiFrame ? source.slices[slice].frameNumber : 0;
        for (const std::string& text : source.slices[slice].imagePositionPatientText)
        {
          frame["position"].append(text);
        }
        expected["frames"].append(frame);
      }
      Write(folder_ / (name + ".mask"), voxels);
      Write(folder_ / (name + ".json"), Json::writeString(Json::StreamWriterBuilder(), expected));
    }

    void WriteResult(const std::string& name, const Volume::SourceSeries& source, const MaskVolume& mask,
                     const Prediction& prediction, const SrOptions& options) const
    {
      const ModelInfo model = Tests::MakeSampleModel();
      const ResultIdentity identity(source, model.hash, "sample " + name);
      const ResultContext context = {source, identity, model, Tests::MakeSampleTime()};
      if (!mask.IsEmpty())
      {
        WriteDicom(name + ".seg", SegWriter().Write(context, mask));
        WriteExpected(name, mask, source);
      }
      WriteDicom(name + ".sr", SrWriter(options).Write(context, prediction, mask));
    }

    // A map as strong as the mask on its first `slices` slices, and a report that names it.
    void WriteSaliency(const std::string& name, const Volume::SourceSeries& source, const MaskVolume& mask,
                       std::size_t slices) const
    {
      const ModelInfo model = Tests::MakeSampleModel();
      const ResultIdentity identity(source, model.hash, "sample " + name);
      const ResultContext context = {source, identity, model, Tests::MakeSampleTime()};
      std::vector<SaliencySlice> salient;
      for (std::size_t i = 0; i < slices; i++)
      {
        SaliencySlice one;
        one.slice = mask.GetTumourSlices().at(i);
        const std::uint8_t* const values = mask.GetSlice(one.slice);
        one.map.assign(values, values + std::size_t{source.rows} * source.columns);
        std::transform(one.map.begin(), one.map.end(), one.map.begin(),
                       [](std::uint8_t value) { return static_cast<std::uint8_t>(value * 255); });
        one.grey.assign(one.map.size(), 80);
        salient.push_back(std::move(one));
      }
      WriteDicom(name + ".sc", SaliencyWriter().Write(context, GenotypeStatus::Altered, salient));
      WriteDicom(name + ".seg", SegWriter().Write(context, mask));
      WriteDicom(name + ".sr",
                 SrWriter(SrOptions()).Write(context, Tests::MakeSamplePrediction(mask, source), mask, true));
    }

  private:
    std::filesystem::path folder_;
  };

  // Matrices whose size leaves each remainder by 8: 0 is bit-packed, 1 to 7 are bytes.
  void WriteSizes(const SampleFolder& folder)
  {
    for (std::uint32_t remainder = 0; remainder < 8; remainder++)
    {
      Tests::SampleSourceOptions options;
      options.rows = 17;
      options.columns = 24 + remainder;  // 17 = 1 mod 8
      const Volume::SourceSeries source = Tests::MakeSampleSource(options);
      const MaskVolume mask = Tests::MakeSampleMask(source, 1, 4);
      folder.WriteResult("size" + std::to_string(remainder), source, mask, Tests::MakeSamplePrediction(mask, source),
                         SrOptions());
    }
  }

  void WriteVariants(const SampleFolder& folder)
  {
    Tests::SampleSourceOptions options;
    options.rows = 64;
    options.columns = 48;
    options.slices = 12;
    Volume::SourceSeries source = Tests::MakeSampleSource(options);
    const MaskVolume mask = Tests::MakeSampleMask(source, 3, 7);
    const Prediction prediction = Tests::MakeSamplePrediction(mask, source);
    SrOptions imaging;
    imaging.title = SrTitle::Imaging;
    folder.WriteSaliency("saliency", source, mask, 3);
    folder.WriteSaliency("saliency-key", source, mask, 1);
    folder.WriteResult("imaging", source, mask, prediction, imaging);

    const MaskVolume empty(source);
    folder.WriteResult("no-tumour", source, empty, Tests::MakeSamplePrediction(empty, source), SrOptions());

    source.gaps = {{4, 1}, {8, 2}};
    Prediction doubtful = prediction;
    doubtful.genotype.status = GenotypeStatus::WildType;
    doubtful.genotype.probabilityAltered = 0.31;
    doubtful.genotype.agreesWithMask = false;
    doubtful.warnings = {"The slice spacing is uneven by 0.4 mm"};
    folder.WriteResult("gaps-disagreement", source, mask, doubtful, SrOptions());

    options.isEnhanced = true;
    const Volume::SourceSeries enhanced = Tests::MakeSampleSource(options);
    folder.WriteSaliency("saliency-enhanced", enhanced, mask, 2);
    folder.WriteResult("enhanced", enhanced, mask, prediction, imaging);
  }

  // Example names of PS3.5 annexes H to K.
  void WriteNames(const SampleFolder& folder)
  {
    const auto write = [&](const std::string& name, const std::string& characterSet, const std::string& patientName)
    {
      Tests::SampleSourceOptions options;
      options.characterSet = characterSet;
      options.patientName = patientName;
      const Volume::SourceSeries source = Tests::MakeSampleSource(options);
      const MaskVolume mask = Tests::MakeSampleMask(source, 1, 3);
      folder.WriteResult("name-" + name, source, mask, Tests::MakeSamplePrediction(mask, source), SrOptions());
    };
    write("chinese", "GB18030", "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB=");
    write("japanese", "\\ISO 2022 IR 87",
          "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B");
    write("korean", "\\ISO 2022 IR 149",
          "Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF");
    write("unicode", "ISO_IR 192", "Wang^XiaoDong=\xE7\x8E\x8B^\xE5\xB0\x8F\xE6\x9D\xB1");
  }

  void WriteLabels(const SampleFolder& folder)
  {
    GenotypeLabel label;
    label.status = GenotypeStatus::WildType;
    label.assay = Assay::Pyrosequencing;
    label.gene = HistoneGene::H3F3A;
    label.site = "\xE5\x8C\x97\xE4\xBA\xAC";
    label.preOperative = true;
    label.split = DatasetSplit::Excluded;
    label.exclusion = ExclusionReason::Artefact;
    label.annotator = "Li Wei \xE6\x9D\x8E\xE4\xBC\x9F";
    label.reviser = "Chen^Jing";
    label.source = "pathology report 17/2024";
    label.recordedAtMs = 1'767'323'045'006;
    folder.WriteDicom("label.sr", WriteLabel(*Tests::MakeSampleSource().header, label, Tests::MakeSampleTime()));
  }

  void WriteReviews(const SampleFolder& folder)
  {
    const auto header = Tests::MakeSampleSource().header;
    CaseReview review;
    review.decision = ReviewDecision::Corrected;
    review.status = GenotypeStatus::WildType;
    review.reviewer = "\xE6\x9D\x8E^\xE4\xBC\x9F";
    review.organisation = "\xE5\x8C\x97\xE4\xBA\xAC";
    review.reviewedAtMs = 1'767'323'045'006;
    review.report = ReviewedObject{UID_Comprehensive3DSRStorage, "2.25.11", "2.25.12"};
    review.modelMask = ReviewedObject{UID_SegmentationStorage, "2.25.21", "2.25.22"};
    review.humanMask = ReviewedObject{UID_SegmentationStorage, "2.25.31", "2.25.32"};
    review.earlierReview = ReviewedObject{UID_EnhancedSRStorage, "2.25.41", "2.25.42"};
    folder.WriteDicom("review.sr", WriteReview(*header, review, Tests::MakeSampleTime()));

    CaseReview alone;  // without a result of the model
    alone.decision = ReviewDecision::Uncertain;
    alone.reason = "motion";
    alone.reviewer = "Li^Wei";
    alone.organisation = "Bonn";
    alone.reviewedAtMs = review.reviewedAtMs;
    folder.WriteDicom("review-alone.sr", WriteReview(*header, alone, Tests::MakeSampleTime()));
  }

  std::string ReadFile(const std::filesystem::path& path)
  {
    std::ifstream stream(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }

  // A mask that nobody computed on the grid of a real series: header, geometry and character set are a scanner's.
  void WriteRealSeries(const SampleFolder& folder, const std::string& name, const std::filesystem::path& series)
  {
    const Volume::VolumeLimits limits;
    std::vector<Volume::DicomHeader> headers;
    for (const auto& entry : std::filesystem::directory_iterator(series))
    {
      Volume::ReadOutcome outcome = Volume::DicomReader(limits).Read(ReadFile(entry.path()));
      if (auto* refusal = std::get_if<Volume::Refusal>(&outcome))
      {
        throw std::runtime_error(entry.path().string() + ": " + refusal->text);
      }
      headers.push_back(std::get<Volume::DicomHeader>(std::move(outcome)));
    }
    Volume::VolumeOutcome outcome = Volume::VolumeAssembler(limits).Assemble(std::move(headers));
    if (auto* refusal = std::get_if<Volume::Refusal>(&outcome))
    {
      throw std::runtime_error(series.string() + ": " + refusal->text);
    }
    const Volume::SourceSeries source = std::get<Volume::AssembledVolume>(std::move(outcome)).series;
    const std::size_t middle = source.slices.size() / 2;
    const std::size_t last = std::min(middle + 3, source.slices.size() - 1);
    const MaskVolume mask = Tests::MakeSampleMask(source, middle, last);
    SrOptions options;
    options.withContour = true;
    folder.WriteResult(name, source, mask, Tests::MakeSamplePrediction(mask, source), options);
  }

  // A head-sized ball with a brighter ball in it.
  void WritePhantom(const SampleFolder& folder)
  {
    PhantomDescription d;
    d.seed = 42;
    d.status = GenotypeStatus::Altered;
    d.signalStrength = 1;
    d.rows = 96;
    d.columns = 80;
    d.slices = 12;
    d.pixelSpacingMm = {2, 2};
    d.sliceSpacingMm = 6;
    d.sliceThicknessMm = 5;
    d.firstSlicePositionMm = {-79, -95, -33};
    d.tumourVolumeMm3 = 1;
    d.tumourSite = "pons";
    d.echoTimeMs = 98.5;
    d.repetitionTimeMs = 4500;

    std::vector<std::vector<std::uint16_t>> slices;
    MaskVolume mask(d.slices, d.rows, d.columns);
    for (std::uint32_t k = 0; k < d.slices; k++)
    {
      std::vector<std::uint16_t> voxels;
      std::vector<std::uint8_t> tumour;
      for (std::uint32_t row = 0; row < d.rows; row++)
      {
        for (std::uint32_t column = 0; column < d.columns; column++)
        {
          const double x = -79 + 2.0 * column;
          const double y = -95 + 2.0 * row;
          const double z = -33 + 6.0 * k;
          const bool isTumour = std::hypot(x - 10, y - 20, z + 3) < 18;
          tumour.push_back(isTumour ? 1 : 0);
          voxels.push_back(static_cast<std::uint16_t>(isTumour ? 1800 : std::hypot(x, y, z) < 70 ? 900 : 20));
        }
      }
      slices.push_back(voxels);
      mask.SetSlice(k, tumour);
    }

    const PhantomSeries phantom = WritePhantomSeries(d, slices, Tests::MakeSampleTime());
    for (std::size_t i = 0; i < phantom.instances.size(); i++)
    {
      folder.WriteDicom("phantom-" + std::to_string(i) + ".mr", phantom.instances[i]);
    }
    const ResultContext context = {phantom.source, phantom.identity, phantom.generator, Tests::MakeSampleTime()};
    folder.WriteDicom("phantom.seg", SegWriter(phantom.reference).Write(context, mask));
    folder.WriteExpected("phantom", mask, phantom.source);
    folder.WriteDicom("phantom-label.sr", WriteLabel(*phantom.source.header, *phantom.label, Tests::MakeSampleTime()));
  }
}

int main(int argc, char* argv[])
{
  if (argc < 2)
  {
    std::cerr << "Usage: h3k27m_sample_results FOLDER [SERIES...]\n";
    return 2;
  }
  try
  {
    const SampleFolder folder(argv[1]);
    WriteSizes(folder);
    WriteVariants(folder);
    WriteNames(folder);
    WriteLabels(folder);
    WriteReviews(folder);
    WritePhantom(folder);
    for (int i = 2; i < argc; i++)
    {
      WriteRealSeries(folder, "series-" + std::to_string(i - 1), argv[i]);
    }
    return 0;
  }
  catch (const std::exception& error)
  {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
