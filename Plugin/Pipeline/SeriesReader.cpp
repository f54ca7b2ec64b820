// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Pipeline/SeriesReader.h"

#include "Inference/Protocol/Error.h"
#include "Plugin/Pipeline/InstanceCache.h"
#include "Plugin/Routing/SeriesDescriptor.h"
#include "Plugin/Volume/DicomReader.h"

#include <algorithm>
#include <variant>

namespace H3K27M::Pipeline
{
  namespace
  {
    Volume::ReadOutcome ReadHeader(const Volume::DicomReader& reader, const std::string& instanceId,
                                   InstanceCache& files)
    {
      const FileOutcome file = files.Get(instanceId);

      if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&file))
      {
        return *refusal;
      }

      Volume::ReadOutcome outcome = reader.Read(*std::get<std::shared_ptr<const std::string>>(file));

      if (Volume::DicomHeader* const header = std::get_if<Volume::DicomHeader>(&outcome))
      {
        header->orthancInstanceId = instanceId;
      }

      return outcome;
    }

    std::string DescribeChoice(const HandChoice& choice)
    {
      return "The series was chosen by hand" + (choice.by.empty() ? std::string() : " by " + choice.by);
    }

    SeriesReading MakeReading(const Archive::SeriesSnapshot& series, const std::optional<HandChoice>& choice)
    {
      SeriesReading reading;
      reading.seriesId = series.id;
      reading.seriesInstanceUid = series.seriesInstanceUid;

      if (choice && choice->seriesId == series.id)
      {
        reading.choice = DescribeChoice(*choice);
      }

      return reading;
    }

    std::string DescribeOverruled(const std::vector<std::string>& reasons)
    {
      std::string text;

      for (const std::string& reason : reasons)
      {
        text += (text.empty() ? "; the rules speak against it: " : "; ") + reason;
      }

      return text;
    }

    Routing::RoutingDecision Judge(Routing::RoutingDecision decision, bool isChosen)
    {
      return isChosen ? Routing::SeriesRouter::Overrule(std::move(decision)) : std::move(decision);
    }

    std::map<std::string, Volume::DicomHeader> SortByInstance(std::vector<Volume::DicomHeader>& headers)
    {
      std::map<std::string, Volume::DicomHeader> sorted;

      for (Volume::DicomHeader& header : headers)
      {
        sorted.emplace(header.orthancInstanceId, std::move(header));
      }

      return sorted;
    }
  }

  void SeriesReading::Refuse(Routing::RoutingCriterion criterion)
  {
    criterion.passed = false;
    criterion.isBinding = true;
    decision.accepted = false;
    decision.reasons.push_back(criterion.name + ": " + criterion.seen + " (wanted: " + criterion.wanted + ")");
    decision.criteria.push_back(std::move(criterion));
    candidate.reset();
  }

  const Volume::AssembledVolume& SeriesReading::GetVolume() const
  {
    if (!volume)
    {
      throw Error(ErrorCode::Internal, "series " + seriesId + " was not accepted and has no volume");
    }

    return *volume;
  }

  SeriesReader::SeriesReader(const Routing::RoutingRules& rules, const Volume::VolumeLimits& limits) :
    router_(rules),
    limits_(limits)
  {
  }

  Routing::RoutingDecision SeriesReader::DecideByFirst(const Archive::SeriesSnapshot& series,
                                                       InstanceCache& files) const
  {
    // The lowest identifier, so that the order of arrival does not matter.
    const std::string& first = *std::min_element(series.instances.begin(), series.instances.end());
    const Volume::ReadOutcome outcome = ReadHeader(Volume::DicomReader(limits_), first, files);

    if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome))
    {
      return Routing::SeriesRouter::Unreadable(*refusal);
    }

    return router_.Decide(Routing::DescribeSeries(std::span(&std::get<Volume::DicomHeader>(outcome), 1)));
  }

  std::variant<std::vector<Volume::DicomHeader>, Volume::Refusal> SeriesReader::ReadHeaders(
    const Archive::SeriesSnapshot& series, InstanceCache& files) const
  {
    const Volume::DicomReader reader(limits_);
    std::vector<Volume::DicomHeader> headers;

    for (const std::string& instance : series.instances)
    {
      Volume::ReadOutcome outcome = ReadHeader(reader, instance, files);

      if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&outcome))
      {
        return *refusal;
      }

      headers.push_back(std::move(std::get<Volume::DicomHeader>(outcome)));
    }

    return headers;
  }

  SeriesReading SeriesReader::Read(const Archive::SeriesSnapshot& series, const std::string& studyId,
                                   InstanceCache& files, const std::optional<HandChoice>& choice) const
  {
    SeriesReading reading = Examine(series, studyId, files, choice);

    // What is computed needs the room.
    if (!reading.decision.accepted)
    {
      files.DropAll(series.instances);
    }

    return reading;
  }

  SeriesReading SeriesReader::Examine(const Archive::SeriesSnapshot& series, const std::string& studyId,
                                      InstanceCache& files, const std::optional<HandChoice>& choice) const
  {
    SeriesReading reading = MakeReading(series, choice);
    const bool isChosen = !reading.choice.empty();

    if (series.instances.empty())
    {
      reading.decision.reasons.push_back("the series holds no instance");
      return reading;
    }

    // The archive's index knows the modality, so a CT of a gigabyte costs nothing.
    if (!series.modality.empty() && series.modality != "MR")
    {
      reading.Refuse({"modality", series.modality, "MR"});
      return reading;
    }

    reading.decision = Judge(DecideByFirst(series, files), isChosen);

    if (!reading.decision.accepted)
    {
      return reading;
    }

    // Each instance holds a slice at least.
    if (series.instances.size() > limits_.maxSlices)
    {
      reading.Refuse({"volume", std::to_string(series.instances.size()) + " instances",
                      "at most " + std::to_string(limits_.maxSlices) + " slices"});
      return reading;
    }

    auto read = ReadHeaders(series, files);

    if (const Volume::Refusal* const refusal = std::get_if<Volume::Refusal>(&read))
    {
      reading.Refuse(Routing::SeriesRouter::Unreadable(*refusal).criteria.front());
      return reading;
    }

    std::vector<Volume::DicomHeader>& headers = std::get<std::vector<Volume::DicomHeader>>(read);
    const Routing::SeriesDescriptor descriptor = Routing::DescribeSeries(headers);
    Volume::VolumeOutcome outcome = Volume::VolumeAssembler(limits_).Assemble(headers);
    reading.decision = Judge(router_.Decide(descriptor, outcome), isChosen);

    reading.choice += DescribeOverruled(reading.decision.overruled);

    if (reading.decision.accepted)
    {
      Volume::AssembledVolume& volume = reading.volume.emplace(std::move(std::get<Volume::AssembledVolume>(outcome)));
      volume.series.orthancSeriesId = series.id;
      volume.series.orthancStudyId = studyId;
      reading.candidate.emplace(Routing::SeriesCandidate::From(descriptor, volume.series, router_.GetRules()))
        .orthancSeriesId = series.id;
      reading.headers = SortByInstance(headers);
    }

    return reading;
  }

  std::vector<SeriesReading*> SortCandidates(std::vector<SeriesReading>& readings)
  {
    const bool isChosen = std::any_of(readings.begin(), readings.end(),
                                      [](const SeriesReading& reading) { return !reading.choice.empty(); });
    std::vector<Routing::SeriesCandidate> candidates;

    for (const SeriesReading& reading : readings)
    {
      if (reading.candidate && (!isChosen || !reading.choice.empty()))
      {
        candidates.push_back(*reading.candidate);
      }
    }

    std::vector<SeriesReading*> sorted;

    for (const Routing::SeriesCandidate& candidate :
         Routing::StudyRouter(Routing::CandidatePolicy::All).Choose(std::move(candidates)))
    {
      sorted.push_back(&*std::find_if(readings.begin(), readings.end(), [&candidate](const SeriesReading& reading)
      { return reading.seriesId == candidate.orthancSeriesId; }));
    }

    return sorted;
  }
}
