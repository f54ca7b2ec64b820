// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Network/Axes.h"
#include "Inference/Phantom/PhantomDataset.h"
#include "Inference/Phantom/TissueAtlas.h"
#include "Inference/Preprocess/NiftiVolume.h"
#include "Inference/Protocol/Error.h"
#include "Training/Data/BidsCaseSource.h"
#include "Training/Data/NiftiFolderSource.h"
#include "Training/Data/PhantomCaseSource.h"
#include "Training/Data/SyntheticSubject.h"
#include "UnitTests/Support/Refusal.h"
#include "UnitTests/Support/TemporaryFolder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace H3K27M
{
  namespace
  {
    using testing::AllOf;
    using testing::HasSubstr;

    // For its life one file more can be opened than are open: a folder is read, the one in it is not, whoever asks.
    class OneMoreFile
    {
    public:
      OneMoreFile()
      {
        getrlimit(RLIMIT_NOFILE, &before_);
        const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
        close(next);
        rlimit few = before_;
        few.rlim_cur = static_cast<rlim_t>(next) + 1;
        setrlimit(RLIMIT_NOFILE, &few);
      }

      OneMoreFile(const OneMoreFile&) = delete;
      OneMoreFile& operator=(const OneMoreFile&) = delete;

      ~OneMoreFile()
      {
        setrlimit(RLIMIT_NOFILE, &before_);
      }

    private:
      rlimit before_{};
    };

    // A data set that nobody here wrote: two subjects of 2 x 8 x 8 voxels, written by hand.
    class StrangersFolder : public testing::Test
    {
    protected:
      StrangersFolder()
      {
        WriteTable(
          "participant_id\tage\th3k27m_status\tsplit\nsub-b\t9\twild-type\texternal\nsub-a\t7\taltered\tn/a\n");
        WriteImage("sub-a/anat/sub-a_T2w.nii.gz", 8, 1);
        WriteImage("sub-b/ses-pre/anat/sub-b_ses-pre_T2w.nii", 8, 2);
        WriteMask("derivatives/annotator/sub-a/anat/sub-a_dseg.nii.gz", 8);
        WriteMask("derivatives/annotator/sub-b/ses-pre/anat/sub-b_ses-pre_dseg.nii.gz", 8);
      }

      void WriteTable(const std::string& text)
      {
        std::ofstream(folder_.GetPath() / "participants.tsv") << text;
      }

      void WriteImage(const std::string& name, std::size_t columns, std::uint16_t value)
      {
        const std::filesystem::path path = folder_.GetPath() / name;
        std::filesystem::create_directories(path.parent_path());
        std::vector<std::uint16_t> voxels(2 * 8 * columns, value);
        voxels[5] = 100;
        Preprocess::NiftiVolume::Write(path, MakeGrid(columns), std::span<const std::uint16_t>(voxels));
      }

      void WriteMask(const std::string& name, std::size_t columns)
      {
        const std::filesystem::path path = folder_.GetPath() / name;
        std::filesystem::create_directories(path.parent_path());
        std::vector<std::uint8_t> labels(2 * 8 * columns, 0);
        labels[5] = 4;
        Preprocess::NiftiVolume::Write(path, MakeGrid(columns), std::span<const std::uint8_t>(labels));
      }

      static Preprocess::NiftiVolume::NewFile MakeGrid(std::size_t columns)
      {
        Preprocess::NiftiVolume::NewFile file;
        file.geometry.slices = 2;
        file.geometry.rows = 8;
        file.geometry.columns = columns;
        file.geometry.pixelSpacingMm = {1, 1};
        file.geometry.sliceSpacingMm = 5;
        return file;
      }

      Data::BidsFolder Open(Data::Contrast contrast = Data::Contrast::T2w) const
      {
        return Data::BidsFolder(folder_.GetPath(), contrast);
      }

      std::string GetRefusal() const
      {
        try
        {
          Open();
        }
        catch (const Error& e)
        {
          return e.what();
        }
        return "accepted";
      }

      Testing::TemporaryFolder folder_;
    };

    TEST_F(StrangersFolder, FindsImageAndMaskWithAndWithoutSession)
    {
      const Data::BidsFolder bids = Open();
      ASSERT_EQ(bids.GetSubjects().size(), 2U);
      const Data::BidsSubject& a = bids.GetSubjects()[0];
      EXPECT_EQ(a.id, "sub-a");
      EXPECT_EQ(a.genotype, Network::GENOTYPE_ALTERED);
      EXPECT_EQ(a.split, "development");
      EXPECT_EQ(a.columns.at("age"), "7");
      const Data::BidsSubject& b = bids.GetSubjects()[1];
      EXPECT_EQ(b.split, "external");
      EXPECT_EQ(b.image.filename(), "sub-b_ses-pre_T2w.nii");
      ASSERT_TRUE(b.mask);
      EXPECT_EQ(b.mask->filename(), "sub-b_ses-pre_dseg.nii.gz");
    }

    TEST_F(StrangersFolder, GivesTheCasesOfOneSplit)
    {
      const Data::BidsCaseSource source(std::make_shared<Data::BidsFolder>(Open()), "external");
      ASSERT_EQ(source.GetCount(), 1U);
      const Data::TrainingCase loaded = source.Load(0);
      EXPECT_EQ(loaded.id, "sub-b");
      EXPECT_EQ(loaded.genotype, Network::GENOTYPE_WILD_TYPE);
      EXPECT_TRUE(loaded.hasTumour);
      EXPECT_EQ(std::count(loaded.mask.begin(), loaded.mask.end(), 1), 1);  // whatever the label's number was
      EXPECT_EQ(loaded.sliceSpacingMm, 5);
    }

    TEST_F(StrangersFolder, LeavesOutWhomNobodyHasLookedAt)
    {
      WriteTable("participant_id\th3k27m_status\nsub-a\taltered\nsub-c\tn/a\n");
      WriteImage("sub-c/anat/sub-c_T2w.nii.gz", 8, 3);
      const Data::BidsCaseSource source(std::make_shared<Data::BidsFolder>(Open()), "development");
      ASSERT_EQ(source.GetCount(), 1U);
      EXPECT_EQ(source.GetSubject(0).id, "sub-a");
    }

    TEST_F(StrangersFolder, CountsPhantomsByNameAndByTable)
    {
      const auto count = [this]
      {
        const Data::BidsCaseSource source(std::make_shared<Data::BidsFolder>(Open()), "development");
        return source.Describe()["synthetic"].asInt();
      };
      EXPECT_EQ(count(), 0);
      WriteTable("participant_id\th3k27m_status\tsynthetic\nsub-a\taltered\tyes\n");
      EXPECT_EQ(count(), 1);
      WriteTable("participant_id\th3k27m_status\tsite\nsub-a\taltered\tphantom\n");
      EXPECT_EQ(count(), 1);
      EXPECT_TRUE(Data::IsSyntheticSubject("sub-phantom00000031", "", ""));
      EXPECT_EQ(Data::ReadPhantomSeed("sub-phantom00000031"), 31U);
      EXPECT_FALSE(Data::ReadPhantomSeed("sub-phantom"));
      EXPECT_FALSE(Data::ReadPhantomSeed("sub-phantom99999999999999999999999"));
    }

    TEST_F(StrangersFolder, ASnapshotSaysWhichNamesItsSubjectsHaveInOthers)
    {
      const auto describe = [this]
      {
        const auto bids = std::make_shared<Data::BidsFolder>(Open());
        return Data::BidsCaseSource(bids, "development").Describe();
      };
      const Json::Value before = describe();
      EXPECT_FALSE(before.isMember("same_patient"));
      const std::string same = R"("same_patient": {"sub-a": ["sub-x", "sub-y"], "sub-b": ["sub-z"]}})";
      std::ofstream(folder_.GetPath() / "manifest.json") << R"({"format": "h3k27m-dataset", )" << same;
      const Json::Value described = describe();
      ASSERT_EQ(described["same_patient"].size(), 1U) << "sub-b is of another split";
      EXPECT_EQ(described["same_patient"]["sub-a"][1].asString(), "sub-y");
      EXPECT_EQ(described["hash"], before["hash"]) << "the same images and masks train the same model";
      EXPECT_EQ(Data::NiftiFolderSource(folder_.GetPath()).Describe()["same_patient"].size(), 2U);

      for (const char* const others : {R"({"format": "theirs", )", "no JSON "})
      {
        std::ofstream(folder_.GetPath() / "manifest.json") << others << same;
        EXPECT_EQ(describe(), before) << others;
      }
    }

    TEST_F(StrangersFolder, TellsContrastsApart)
    {
      WriteTable("participant_id\th3k27m_status\nsub-a\taltered\n");
      WriteImage("sub-a/anat/sub-a_T1w.nii.gz", 8, 3);  // without contrast agent: not meant
      WriteImage("sub-a/anat/sub-a_ce-gadolinium_T1w.nii.gz", 8, 4);
      WriteMask("derivatives/annotator/sub-a/anat/sub-a_ce-gadolinium_dseg.nii.gz", 8);
      EXPECT_EQ(Open(Data::Contrast::CeT1w).GetSubjects()[0].image.filename(), "sub-a_ce-gadolinium_T1w.nii.gz");
      EXPECT_EQ(Open().GetSubjects()[0].image.filename(), "sub-a_T2w.nii.gz");
    }

    TEST_F(StrangersFolder, NamesAllFaultsAtOnce)
    {
      WriteTable("participant_id\th3k27m_status\tsplit\nsub-a\tmutant\tdevelopment\nsub-b\twild-type\ttest\n"
                 "sub-c\taltered\tn/a\n../sub-d\taltered\tn/a\nsub-a\taltered\tn/a\n");
      WriteImage("sub-b/ses-post/anat/sub-b_ses-post_T2w.nii", 8, 2);
      WriteMask("derivatives/other/sub-a/anat/sub-a_dseg.nii.gz", 8);
      EXPECT_THAT(GetRefusal(),
                  AllOf(HasSubstr("line 2: h3k27m_status is 'mutant'"), HasSubstr("line 3: split is 'test'"),
                        HasSubstr("'../sub-d' is no participant_id"), HasSubstr("sub-a stands twice"),
                        HasSubstr("sub-b has 2 T2w images"), HasSubstr("sub-c has no T2w images"),
                        HasSubstr("sub-a has 2 masks")));
    }

    TEST_F(StrangersFolder, NeedsAMaskForAStatus)
    {
      std::filesystem::remove_all(folder_.GetPath() / "derivatives" / "annotator" / "sub-a");
      EXPECT_THAT(GetRefusal(), HasSubstr("sub-a has a status and no mask"));
    }

    TEST_F(StrangersFolder, AFolderThatCannotBeReadIsNotTakenForAnEmptyOne)
    {
      const auto getCode = [](const auto& read)
      {
        read();  // all is well without a limit; and the sanitizer looks at each class once, for which it opens a pipe
        EXPECT_THROW(throw Error(ErrorCode::Internal, "looked at, too"), Error);
        const OneMoreFile limit;
        try
        {
          read();
        }
        catch (const Error& e)
        {
          return e.GetCode();
        }
        return ErrorCode::Internal;
      };
      EXPECT_EQ(getCode([this] { return Open().GetSubjects().size(); }), ErrorCode::Unavailable);
      EXPECT_EQ(getCode([this] { return Data::NiftiFolderSource(folder_.GetPath()).GetCount(); }),
                ErrorCode::Unavailable);
    }

    TEST_F(StrangersFolder, NeedsNoDerivativesWhereNobodyHasAStatus)
    {
      WriteTable("participant_id\th3k27m_status\nsub-a\tn/a\n");
      std::filesystem::remove_all(folder_.GetPath() / "derivatives");
      EXPECT_EQ(GetRefusal(), "accepted");
    }

    TEST_F(StrangersFolder, IgnoresTheFilesOfExcludedSubjects)
    {
      WriteTable("participant_id\th3k27m_status\tsplit\nsub-a\taltered\tdevelopment\nsub-z\taltered\texcluded\n");
      EXPECT_EQ(GetRefusal(), "accepted");
    }

    TEST_F(StrangersFolder, RefusesAMaskOnAnotherGridWithTheSubjectsName)
    {
      WriteMask("derivatives/annotator/sub-a/anat/sub-a_dseg.nii.gz", 9);
      const Data::BidsCaseSource source(std::make_shared<Data::BidsFolder>(Open()), "development");
      try
      {
        source.Load(0);
        FAIL() << "accepted";
      }
      catch (const Error& e)
      {
        EXPECT_EQ(e.GetCode(), ErrorCode::BadInput);
        EXPECT_THAT(e.what(), HasSubstr("sub-a: "));
      }
    }

    TEST_F(StrangersFolder, RefusesTheSameImageUnderTwoNames)
    {
      std::filesystem::copy_file(folder_.GetPath() / "sub-b/ses-pre/anat/sub-b_ses-pre_T2w.nii",
                                 folder_.GetPath() / "sub-a/anat/sub-a_T2w.nii");
      std::filesystem::remove(folder_.GetPath() / "sub-a/anat/sub-a_T2w.nii.gz");
      try
      {
        Open().ComputeHashes();
        FAIL() << "accepted";
      }
      catch (const Error& e)
      {
        EXPECT_THAT(e.what(), HasSubstr("sub-a and sub-b have the same image"));
      }
    }

    // One of the files is compressed, the other is not: no byte is at the same place.
    TEST_F(StrangersFolder, RefusesTheSameVoxelsInFilesThatDiffer)
    {
      EXPECT_EQ(Tests::GetRefusal([this] { Open().ComputeHashes(); }), "accepted");
      WriteImage("sub-a/anat/sub-a_T2w.nii.gz", 8, 2);
      EXPECT_THAT(Tests::GetRefusal([this] { Open().ComputeHashes(); }),
                  HasSubstr("sub-a and sub-b have the same image"));
      EXPECT_THAT(Tests::GetRefusal([this] { Data::NiftiFolderSource source(folder_.GetPath()); }),
                  HasSubstr("sub-b_ses-pre_T2w.nii holds the same voxels as sub-a/anat/sub-a_T2w.nii.gz"));
    }

    TEST_F(StrangersFolder, HasAnotherHashWhenAVoxelChanges)
    {
      const std::string before = Open().ComputeHashes().whole;
      EXPECT_EQ(Open().ComputeHashes().whole, before);
      WriteImage("sub-a/anat/sub-a_T2w.nii.gz", 8, 9);
      EXPECT_NE(Open().ComputeHashes().whole, before);
    }

    TEST_F(StrangersFolder, SaysWhichLineOfTheTableIsBroken)
    {
      WriteTable("participant_id\th3k27m_status\nsub-a\n");
      EXPECT_THAT(GetRefusal(), HasSubstr("line 2 has 1 cells, the first has 2"));
      WriteTable("\xEF\xBB\xBFparticipant_id\th3k27m_status\r\nsub-a\taltered\r\n");
      EXPECT_EQ(GetRefusal(), "accepted");
      WriteTable("participant_id\tsex\nsub-a\tF\n");
      EXPECT_THAT(GetRefusal(), HasSubstr("no column h3k27m_status"));
    }

    // The same phantoms, from memory and by way of a BIDS folder.
    TEST(BidsCaseSource, ReadsPhantomsAsTheyWereMade)
    {
      const Testing::TemporaryFolder folder;
      Phantom::PhantomDatasetOptions options;
      options.folder = folder.GetPath();
      options.firstSeed = 31;
      options.count = 2;
      options.tumourFreeShare = 0.5;
      options.maximumMatrix = 64;
      Phantom::WritePhantomDataset(options, Phantom::TissueAtlas::LoadEmbedded(), [](unsigned int) {});
      const Data::PhantomCaseSource made(options);
      const Data::BidsCaseSource read(std::make_shared<Data::BidsFolder>(folder.GetPath(), Data::Contrast::T2w),
                                      "development");
      ASSERT_EQ(read.GetCount(), 2U);
      for (std::size_t i = 0; i < 2; i++)
      {
        const Data::TrainingCase first = made.Load(i);
        const Data::TrainingCase second = read.Load(i);
        EXPECT_EQ(first.voxels, second.voxels);
        EXPECT_EQ(first.mask, second.mask);
        EXPECT_EQ(first.hasTumour, second.hasTumour);
        EXPECT_NEAR(first.sliceSpacingMm, second.sliceSpacingMm, 1e-5);
      }
    }
  }
}
