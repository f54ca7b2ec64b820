// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/JsonText.h"
#include "Plugin/Pipeline/ArrangingEngine.h"
#include "Plugin/Pipeline/Cancellation.h"
#include "Plugin/Pipeline/StudyContent.h"
#include "Plugin/Pipeline/StudyTriage.h"
#include "Plugin/Volume/DcmtkDecoder.h"
#include "UnitTests/Plugin/Pipeline/FakeArchive.h"
#include "UnitTests/Plugin/Pipeline/FakeInferenceEngine.h"
#include "UnitTests/Plugin/Results/DicomReading.h"
#include "UnitTests/Support/DicomSeriesBuilder.h"

#include <dcmtk/dcmdata/dctk.h>

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <set>
#include <sstream>

namespace H3K27M::Pipeline
{
  namespace
  {
    using Support::DicomSeriesBuilder;
    using Pixel = std::array<std::size_t, 2>;  // row, column
    using Point = std::array<long, 3>;         // LPS, thousandths of a mm

    // The standard slice: rows to posterior, columns to left.
    constexpr std::size_t ROWS = 32;
    constexpr std::size_t COLUMNS = 24;
    constexpr double ROW_SPACING_MM = 0.5;
    constexpr double COLUMN_SPACING_MM = 0.75;
    constexpr std::size_t SLICES = 6;

    // The same head as a scanner or a PACS may store it: where the stored pixel lies on the standard slice.
    struct Arrangement
    {
      std::string name;
      std::array<std::string, 6> orientation;
      bool transposes;
      std::function<Pixel(std::size_t row, std::size_t column)> toStandard;
    };

    const std::vector<Arrangement> ARRANGEMENTS = {
      {"standard", {"1", "0", "0", "0", "1", "0"}, false, [](auto row, auto column) { return Pixel{row, column}; }},
      {"bottom up",
       {"1", "0", "0", "0", "-1", "0"},
       false,
       [](auto row, auto column) { return Pixel{ROWS - 1 - row, column}; }},
      {"upside down",
       {"-1", "0", "0", "0", "-1", "0"},
       false,
       [](auto row, auto column) { return Pixel{ROWS - 1 - row, COLUMNS - 1 - column}; }},
      {"rotated by 90 degrees",
       {"0", "1", "0", "-1", "0", "0"},
       true,
       [](auto row, auto column) { return Pixel{column, COLUMNS - 1 - row}; }},
      {"transposed", {"0", "1", "0", "1", "0", "0"}, true, [](auto row, auto column) { return Pixel{column, row}; }}};

    Support::DicomSeriesOptions MakeSeries(const Arrangement& arrangement)
    {
      Support::DicomSeriesOptions options;
      options.slices = SLICES;
      options.rows = arrangement.transposes ? COLUMNS : ROWS;
      options.columns = arrangement.transposes ? ROWS : COLUMNS;
      options.pixelSpacing =
        arrangement.transposes ? std::array<std::string, 2>{"0.75", "0.5"} : std::array<std::string, 2>{"0.5", "0.75"};
      options.orientation = arrangement.orientation;
      options.edit =
        [arrangement, rows = options.rows, columns = options.columns](DcmDataset& dataset, std::size_t slice)
      {
        const Pixel corner = arrangement.toStandard(0, 0);
        std::ostringstream position;
        position << -6.5 + COLUMN_SPACING_MM * static_cast<double>(corner[1]) << "\\"
                 << -8.25 + ROW_SPACING_MM * static_cast<double>(corner[0]) << "\\"
                 << -40 + 5 * static_cast<double>(slice);
        dataset.putAndInsertString(DCM_ImagePositionPatient, position.str().c_str());

        std::vector<Uint16> pixels;

        for (std::size_t row = 0; row < rows; row++)
        {
          for (std::size_t column = 0; column < columns; column++)
          {
            const Pixel standard = arrangement.toStandard(row, column);
            pixels.push_back(DicomSeriesBuilder::StoredValue(slice, standard[0], standard[1]));
          }
        }

        dataset.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
      };
      return options;
    }

    std::string ToString(std::span<const std::byte> bytes)
    {
      std::string text(bytes.size(), '\0');
      std::memcpy(text.data(), bytes.data(), bytes.size());
      return text;
    }

    std::string GetStandardSlice(std::size_t slice)
    {
      std::vector<std::uint16_t> pixels;

      for (std::size_t row = 0; row < ROWS; row++)
      {
        for (std::size_t column = 0; column < COLUMNS; column++)
        {
          pixels.push_back(DicomSeriesBuilder::StoredValue(slice, row, column));
        }
      }

      return ToString(std::as_bytes(std::span(pixels)));
    }

    // Where the tumour is on the standard slice 1: nothing symmetric.
    bool IsTumour(std::size_t row, std::size_t column)
    {
      return (row >= 2 && row < 6 && column >= 3 && column < 9) || (row == 10 && column == 20);
    }

    std::set<Point> GetTumourPoints()
    {
      std::set<Point> points;

      for (std::size_t row = 0; row < ROWS; row++)
      {
        for (std::size_t column = 0; column < COLUMNS; column++)
        {
          if (IsTumour(row, column))
          {
            points.insert({std::lround(1000 * (-6.5 + COLUMN_SPACING_MM * static_cast<double>(column))),
                           std::lround(1000 * (-8.25 + ROW_SPACING_MM * static_cast<double>(row))), -35000});
          }
        }
      }

      return points;
    }

    std::vector<double> GetNumbers(DcmItem& item, const DcmTagKey& sequence, const DcmTagKey& tag)
    {
      DcmItem* part = nullptr;
      EXPECT_TRUE(item.findAndGetSequenceItem(sequence, part, 0).good());
      std::istringstream text(Tests::GetText(*part, tag));
      std::vector<double> numbers;

      for (std::string number; std::getline(text, number, '\\');)
      {
        numbers.push_back(std::stod(number));
      }

      return numbers;
    }

    // The marked voxels of a SEG in the patient's coordinates, by its own geometry.
    std::set<Point> LocateVoxels(DcmDataset& seg)
    {
      const std::vector<std::uint8_t> voxels = Tests::ReadSegVoxels(seg);
      const std::size_t rows = std::stoul(Tests::GetText(seg, DCM_Rows));
      const std::size_t columns = std::stoul(Tests::GetText(seg, DCM_Columns));
      DcmItem* shared = nullptr;
      EXPECT_TRUE(seg.findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, shared, 0).good());
      const auto cosines = GetNumbers(*shared, DCM_PlaneOrientationSequence, DCM_ImageOrientationPatient);
      const auto spacing = GetNumbers(*shared, DCM_PixelMeasuresSequence, DCM_PixelSpacing);
      std::set<Point> points;

      for (std::size_t i = 0; i < voxels.size(); i++)
      {
        if (voxels[i] != 0)
        {
          DcmItem* frame = nullptr;
          const auto index = static_cast<long>(i / (rows * columns));
          EXPECT_TRUE(seg.findAndGetSequenceItem(DCM_PerFrameFunctionalGroupsSequence, frame, index).good());
          const auto position = GetNumbers(*frame, DCM_PlanePositionSequence, DCM_ImagePositionPatient);
          const double down = spacing[0] * static_cast<double>(i / columns % rows);
          const double right = spacing[1] * static_cast<double>(i % columns);
          Point point;

          for (std::size_t axis = 0; axis < 3; axis++)
          {
            point[axis] = std::lround(1000 * (position[axis] + cosines[axis] * right + cosines[3 + axis] * down));
          }

          points.insert(point);
        }
      }

      return points;
    }

    // A study that is stored as `arrangement`, through the whole path.
    class ArrangedStudy
    {
    public:
      explicit ArrangedStudy(const Arrangement& arrangement)
      {
        archive_.StoreAll(DicomSeriesBuilder(MakeSeries(arrangement)).MakeFiles());
        engine_.draw = [this](const Engine::StudyRequest& request, const auto& slices)
        {
          request_ = request;
          Engine::MaskSlices masks;

          for (const auto& [index, bytes] : slices)
          {
            received_.insert(ToString(bytes));
            std::uint16_t first = 0;
            std::memcpy(&first, bytes.data(), sizeof(first));

            if (first == DicomSeriesBuilder::StoredValue(1, 0, 0))
            {
              std::vector<std::uint8_t>& mask = masks[index];

              for (std::size_t i = 0; i < std::size_t{request.rows} * request.columns; i++)
              {
                mask.push_back(IsTumour(i / request.columns, i % request.columns) ? 1 : 0);
              }
            }
          }

          return masks;
        };
      }

      void Run()
      {
        TriageOptions options;
        options.softwareVersion = "0.0.0";
        WorkState::Task task;
        task.studyId = "S2.25.1001";
        task.fingerprint = ComputeFingerprint(*archive_.GetStudy(task.studyId));
        ArrangingEngine arranging(engine_);
        Volume::DcmtkDecoder decoder;
        Cancellation cancellation;
        const TriageOutcome outcome = StudyTriage(archive_, arranging, decoder, options).Run(task, cancellation);
        ASSERT_EQ(TriageOutcome::Kind::Done, outcome.kind) << outcome.reason;
        json_ = Protocol::ParseJson(outcome.result.json);
      }

      std::unique_ptr<DcmFileFormat> ReadResult(const char* key)
      {
        const auto instance = archive_.FindInstance(json_[key].asString());
        return Tests::ReadDicom(archive_.ReadInstance(instance.value()));
      }

      Engine::StudyRequest request_;
      std::set<std::string> received_;
      Json::Value json_;

    private:
      Testing::FakeArchive archive_;
      Testing::FakeInferenceEngine engine_;
    };
  }

  TEST(ArrangingEngine, ShowsTheNetworkTheSameSlicesHoweverTheyAreStored)
  {
    for (const Arrangement& arrangement : ARRANGEMENTS)
    {
      SCOPED_TRACE(arrangement.name);
      ArrangedStudy study(arrangement);
      study.Run();
      EXPECT_EQ(ROWS, study.request_.rows);
      EXPECT_EQ(COLUMNS, study.request_.columns);
      EXPECT_EQ((std::array<double, 2>{ROW_SPACING_MM, COLUMN_SPACING_MM}), study.request_.pixelSpacingMm);
      EXPECT_EQ(SLICES, study.received_.size());

      for (std::size_t slice = 0; slice < SLICES; slice++)
      {
        EXPECT_TRUE(study.received_.contains(GetStandardSlice(slice))) << slice;
      }
    }
  }

  TEST(ArrangingEngine, PutsTheMaskOnTheSeriesOwnGridSoThatItLiesAtTheSamePlaceInThePatient)
  {
    for (const Arrangement& arrangement : ARRANGEMENTS)
    {
      SCOPED_TRACE(arrangement.name);
      ArrangedStudy study(arrangement);
      study.Run();
      const auto seg = study.ReadResult("segmentation_instance_uid");
      EXPECT_EQ(std::to_string(arrangement.transposes ? COLUMNS : ROWS), Tests::GetText(*seg->getDataset(), DCM_Rows));
      EXPECT_EQ(GetTumourPoints(), LocateVoxels(*seg->getDataset()));

      const double volumeMm3 = 25 * ROW_SPACING_MM * COLUMN_SPACING_MM * 5;
      EXPECT_DOUBLE_EQ(volumeMm3, study.json_["volume_mm3"].asDouble());
      const auto report = study.ReadResult("report_instance_uid");
      EXPECT_THAT(Tests::FindContent(*report->getDataset(), "118565006"), testing::ElementsAre("46.875"));
    }
  }

  TEST(ArrangingEngine, ArrangesValuesOfEveryWidth)
  {
    Testing::FakeInferenceEngine engine;
    Testing::FakeInferenceEngine::ReceivedSlices received;
    engine.draw = [&received](const Engine::StudyRequest&, const auto& slices)
    {
      received = slices;
      return Engine::MaskSlices();
    };

    for (const Protocol::DType dtype : {Protocol::DType::I8, Protocol::DType::U16, Protocol::DType::I32})
    {
      Engine::StudyRequest request;
      request.slices = 1;
      request.rows = 1;
      request.columns = 3;
      request.imageOrientationPatient = {-1, 0, 0, 0, 1, 0};
      const std::size_t width = Protocol::GetItemSize(dtype);
      std::vector<std::byte> voxels(3 * width + 1);
      // Would be a signalling NaN if a computation saw it.
      constexpr std::array VALUE = {std::byte{0x01}, std::byte{0x00}, std::byte{0xA0}, std::byte{0x7F}};
      std::copy_n(VALUE.begin(), width, voxels.begin() + 1);
      const auto session = ArrangingEngine(engine).BeginStudy(request, Engine::TimePoint::max());
      EXPECT_THROW(session->SendSlice({0, dtype, voxels, 1, 0}), Error);
      session->SendSlice({0, dtype, std::span(voxels).subspan(1), 1, 0});  // begins at an odd address
      session->End();
      session->Wait();
      std::vector<std::byte> turned(3 * width);
      std::copy_n(VALUE.begin(), width, turned.end() - static_cast<std::ptrdiff_t>(width));
      EXPECT_EQ(turned, received[0]);
    }
  }

  TEST(ArrangingEngine, TurnsSaliencyBackAsItDoesMasks)
  {
    Testing::FakeInferenceEngine engine;
    engine.draw = [](const Engine::StudyRequest&, const auto&)
    { return Engine::MaskSlices{{0, std::vector<std::uint8_t>{1, 0, 0, 0, 1, 0}}}; };
    Engine::StudyRequest request;
    request.slices = 1;
    request.rows = 2;
    request.columns = 3;
    request.imageOrientationPatient = {-1, 0, 0, 0, 1, 0};  // columns run to the patient's right
    request.saliency = Engine::SaliencyChoice::Key;
    ArrangingEngine arranging(engine);
    const auto session = arranging.BeginStudy(request, std::chrono::steady_clock::now() + std::chrono::seconds(10));
    const std::vector<std::byte> voxels(6);
    session->SendSlice({0, Protocol::DType::U8, voxels});
    session->End();
    EXPECT_EQ((std::vector<std::uint8_t>{0, 0, 255, 0, 255, 0}), session->Wait().saliency.at(0));
  }
}
