// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Results/LabelReader.h"
#include "Plugin/Results/ReviewReader.h"
#include "Plugin/Results/ReviewTerms.h"
#include "Plugin/Results/ReviewWriter.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Plugin/Results/SampleSource.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <gtest/gtest.h>

namespace
{
  using namespace H3K27M;
  using namespace H3K27M::Results;

  CaseReview MakeReview()
  {
    CaseReview review;
    review.decision = ReviewDecision::Corrected;
    review.status = GenotypeStatus::WildType;
    review.reason = "rim enhances \\ see series 4";
    review.reviewer = "\xE6\x9D\x8E\xE4\xBC\x9F";
    review.organisation = "\xE5\x8C\x97\xE4\xBA\xAC";
    review.reviewedAtMs = 1'767'323'045'006;  // 2026-01-02 03:04:05.006 UTC
    review.report = ReviewedObject{UID_Comprehensive3DSRStorage, "2.25.11", "2.25.12"};
    review.modelMask = ReviewedObject{UID_SegmentationStorage, "2.25.21", "2.25.22"};
    review.humanMask = ReviewedObject{UID_SegmentationStorage, "2.25.31", "2.25.32"};
    review.earlierReview = ReviewedObject{UID_EnhancedSRStorage, "2.25.41", "2.25.42"};
    return review;
  }

  CaseReview MakeBareReview()
  {
    CaseReview review;
    review.decision = ReviewDecision::Uncertain;
    review.reason = "motion";
    review.reviewer = "Li^Wei";
    review.organisation = "Bonn";
    return review;
  }

  DicomInstance Write(const CaseReview& review)
  {
    return WriteReview(*Tests::MakeSampleSource().header, review, Tests::MakeSampleTime());
  }

  std::optional<CaseReview> Read(const DicomInstance& instance)
  {
    return ReadReview(*Tests::ReadDicom(instance.bytes)->getDataset());
  }

  // The instances below (0008,1115) of the first item of a sequence.
  std::vector<std::string> ListReferences(DcmDataset& sr, const DcmTagKey& sequence)
  {
    std::vector<std::string> uids;
    DcmItem* study = nullptr;
    EXPECT_TRUE(sr.findAndGetSequenceItem(sequence, study, 0).good());

    for (long i = 0; study != nullptr; i++)
    {
      DcmItem* series = nullptr;
      DcmItem* instance = nullptr;

      if (study->findAndGetSequenceItem(DCM_ReferencedSeriesSequence, series, i).bad() ||
          series->findAndGetSequenceItem(DCM_ReferencedSOPSequence, instance, 0).bad())
      {
        break;
      }

      uids.push_back(Tests::GetText(*instance, DCM_ReferencedSOPInstanceUID));
    }

    return uids;
  }
}

TEST(Review, ComesBackAsItWasWritten)
{
  EXPECT_EQ(MakeReview(), Read(Write(MakeReview())));
  EXPECT_EQ(MakeBareReview(), Read(Write(MakeBareReview())));
  CaseReview review = MakeReview();
  review.synthetic = true;
  review.status.reset();
  EXPECT_EQ(review, Read(Write(review)));
}

TEST(Review, CarriesEachDecision)
{
  for (const Term<ReviewDecision>& term : GetTerms<ReviewDecision>())
  {
    CaseReview review = MakeReview();
    review.decision = term.value;
    review.status.reset();
    EXPECT_EQ(review, Read(Write(review))) << term.name;
  }
}

TEST(Review, IsCompleteAndVerifiedByTheReviewer)
{
  const auto file = Tests::ReadDicom(Write(MakeReview()).bytes);
  DcmDataset& sr = *file->getDataset();
  EXPECT_EQ("COMPLETE", Tests::GetText(sr, DCM_CompletionFlag));
  EXPECT_EQ("VERIFIED", Tests::GetText(sr, DCM_VerificationFlag));
  DcmItem* observer = nullptr;
  ASSERT_TRUE(sr.findAndGetSequenceItem(DCM_VerifyingObserverSequence, observer, 0).good());
  EXPECT_EQ("\xE6\x9D\x8E\xE4\xBC\x9F", Tests::GetText(*observer, DCM_VerifyingObserverName));
  EXPECT_EQ("\xE5\x8C\x97\xE4\xBA\xAC", Tests::GetText(*observer, DCM_VerifyingOrganization));
  EXPECT_FALSE(Tests::GetText(*observer, DCM_VerificationDateTime).empty());
}

TEST(Review, NamesWhatWasLookedAtAsEvidence)
{
  const auto file = Tests::ReadDicom(Write(MakeReview()).bytes);
  DcmDataset& sr = *file->getDataset();
  EXPECT_EQ((std::vector<std::string>{"2.25.12", "2.25.22", "2.25.32", "2.25.42"}),
            ListReferences(sr, DCM_CurrentRequestedProcedureEvidenceSequence));
  EXPECT_EQ((std::vector<std::string>{"2.25.12", "2.25.42"}), ListReferences(sr, DCM_PredecessorDocumentsSequence));

  const auto bare = Tests::ReadDicom(Write(MakeBareReview()).bytes);
  EXPECT_FALSE(bare->getDataset()->tagExists(DCM_CurrentRequestedProcedureEvidenceSequence));
  EXPECT_FALSE(bare->getDataset()->tagExists(DCM_PredecessorDocumentsSequence));
}

TEST(Review, SaysInWordsThatItIsNoGenotypeLabel)
{
  const DicomInstance written = Write(MakeReview());
  const auto file = Tests::ReadDicom(written.bytes);
  const std::vector<std::string> comments = Tests::FindContent(*file->getDataset(), "121106");
  ASSERT_EQ(1u, comments.size());
  EXPECT_NE(std::string::npos, comments.front().find("no genotype label"));
  EXPECT_FALSE(ReadLabel(written.bytes));
}

// What stands in for characters that the study's character set cannot hold is longer than VR LO allows.
TEST(Review, ComesBackFromAStudyWhoseCharacterSetLies)
{
  const Volume::SourceSeries source = Tests::MakeSampleSource();
  DcmDataset header(*source.header);
  header.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 192");
  header.putAndInsertString(DCM_PatientName, "\xFF\xFE^X");
  CaseReview review = MakeReview();
  review.organisation =
    "\xE5\x8C\x97\xE4\xBA\xAC\xE5\x8C\x97\xE4\xBA\xAC\xE5\x8C\x97\xE4\xBA\xAC\xE5\x8C\x97\xE4\xBA\xAC"
    "\xE5\x8C\x97\xE4\xBA\xAC";
  EXPECT_EQ(review, Read(WriteReview(header, review, Tests::MakeSampleTime())));
}

TEST(Review, IsOneObjectHoweverOftenItIsWritten)
{
  EXPECT_EQ(Write(MakeReview()).bytes, Write(MakeReview()).bytes);
  CaseReview other = MakeReview();
  other.reviewedAtMs++;
  EXPECT_NE(Write(MakeReview()).sopInstanceUid, Write(other).sopInstanceUid);
  other = MakeReview();
  other.humanMask.reset();
  EXPECT_NE(Write(MakeReview()).sopInstanceUid, Write(other).sopInstanceUid);
}

TEST(Review, RefusesWhatIsNoReview)
{
  const auto expectRefused = [](const std::string& key, const auto& change)
  {
    CaseReview review = MakeReview();
    change(review);
    const std::vector<FieldFault> faults = FindFaults(review);
    ASSERT_EQ(1u, faults.size()) << key;
    EXPECT_EQ(key, faults.front().key);
    EXPECT_THROW(Write(review), Error);
  };
  expectRefused("status", [](CaseReview& review) { review.decision = ReviewDecision::Accepted; });
  expectRefused("status", [](CaseReview& review) { review.status = GenotypeStatus::NotDetermined; });
  expectRefused("reason", [](CaseReview& review) { review.reason = "two\nlines"; });
  expectRefused("reason", [](CaseReview& review) { review.reason = std::string(1025, 'x'); });
  expectRefused("reviewer", [](CaseReview& review) { review.reviewer.clear(); });
  expectRefused("organisation", [](CaseReview& review) { review.organisation = "A\\B"; });
  expectRefused("reviewed", [](CaseReview& review) { review.reviewedAtMs = -1; });

  const auto expectOne = [](const std::string& key, CaseReview review)
  {
    ASSERT_EQ(1u, FindFaults(review).size()) << key;
    EXPECT_EQ(key, FindFaults(review).front().key);
  };
  CaseReview review = MakeReview();
  review.status.reset();
  review.reason.clear();
  review.decision = ReviewDecision::Rejected;
  expectOne("reason", review);
  review.decision = ReviewDecision::Uncertain;
  expectOne("reason", review);
  review.decision = ReviewDecision::Accepted;
  EXPECT_TRUE(FindFaults(review).empty());
  review.report.reset();
  expectOne("decision", review);
}

TEST(Review, NamesEveryFaultAtOnce)
{
  EXPECT_EQ(3u, FindFaults(CaseReview()).size());  // reason, reviewer, organisation
}

TEST(Review, IsNotReadFromOtherObjectsAndIsCorruptWithoutItsParts)
{
  EXPECT_FALSE(ReadReview(*Tests::MakeSampleSource().header));
  const auto file = Tests::ReadDicom(Write(MakeReview()).bytes);
  DcmDataset& sr = *file->getDataset();
  sr.findAndDeleteSequenceItem(DCM_ContentSequence, -1);  // the last: when it was recorded
  EXPECT_THROW(ReadReview(sr), Error);
}
