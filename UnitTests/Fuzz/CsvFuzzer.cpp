// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Error.h"
#include "Plugin/Labels/CsvReader.h"
#include "Plugin/Labels/LabelFields.h"
#include "UnitTests/Fuzz/FuzzInput.h"

// A table of labels, each line of which becomes one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace H3K27M;
  return Fuzz::Expect([&]
  {
    Labels::CsvReader reader(Fuzz::ToText(data, size));
    while (const auto record = reader.Next())
    {
      Reports::FieldTexts texts;
      for (std::size_t i = 0; i < record->fields.size() && i < Labels::FIELDS.size(); i++)
      {
        texts[Labels::FIELDS[i]] = record->fields[i];
      }
      Fuzz::Expect([&] { Labels::ParseLabel(texts); });
    }
  });
}
