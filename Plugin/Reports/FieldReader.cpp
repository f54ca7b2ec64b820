// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Reports/FieldReader.h"

#include "Inference/Protocol/Error.h"

#include <algorithm>
#include <utility>

namespace H3K27M::Reports
{
  namespace
  {
    constexpr const char* FLAGS = "true or false";

    std::string Trim(const std::string& text)
    {
      const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
      const std::size_t end = text.find_last_not_of(' ') + 1;
      return text.substr(begin, std::max(begin, end) - begin);
    }
  }

  FieldReader::FieldReader(std::string what, std::set<std::string> fields, std::set<std::string> flags) :
    what_(std::move(what)),
    fields_(std::move(fields)),
    flags_(std::move(flags))
  {
  }

  void FieldReader::Take(const Json::Value& body)
  {
    constexpr std::size_t SHOWN = 64;

    for (const std::string& key : body.getMemberNames())
    {
      const Json::Value& value = body[key];
      const bool isFlag = flags_.contains(key);

      if (!fields_.contains(key))
      {
        AddFault(key, "'" + key.substr(0, SHOWN) + "' is no field of a " + what_);
      }
      else if (value.isNull())
      {
        // as if it were absent
      }
      else if (isFlag ? value.isBool() : value.isString())
      {
        texts_[key] = isFlag ? (value.asBool() ? "true" : "false") : value.asString();
      }
      else
      {
        Refuse(key, isFlag ? FLAGS : "a text");
      }
    }
  }

  std::string FieldReader::GetText(const std::string& key) const
  {
    const auto found = texts_.find(key);
    return found == texts_.end() ? std::string() : Trim(found->second);
  }

  bool FieldReader::ReadFlag(const std::string& key)
  {
    const std::string text = GetText(key);

    if (text != "true" && text != "TRUE" && text != "false" && text != "FALSE")
    {
      Refuse(key, FLAGS);
    }

    return text == "true" || text == "TRUE";
  }

  void FieldReader::Refuse(const std::string& key, const std::string& wanted)
  {
    if (!HasRefused(key))
    {
      AddFault(key, "'" + key + "' must be " + wanted);
    }
  }

  void FieldReader::Refuse(const std::vector<Results::FieldFault>& faults)
  {
    for (const Results::FieldFault& fault : faults)
    {
      if (fields_.contains(fault.key))
      {
        Refuse(fault.key, fault.wanted);
      }
    }
  }

  void FieldReader::AddFault(const std::string& key, const std::string& text)
  {
    faults_ += (faulty_.empty() ? "" : "; ") + text;
    faulty_.insert(key);
  }

  void FieldReader::ThrowFaults() const
  {
    if (!faulty_.empty())
    {
      throw Error(ErrorCode::BadInput, (faulty_.size() == 1 ? "The " + what_ + " is refused: "
                                                            : std::to_string(faulty_.size()) + " faults: ") +
                                         faults_);
    }
  }
}
