// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Inference/Protocol/Message.h"

#include "Inference/Protocol/JsonText.h"

#include <charconv>
#include <utility>
#include <cmath>

namespace H3K27M::Protocol
{
  namespace
  {
    // Long enough for any UUID or Orthanc identifier; a longer one is not an identifier.
    constexpr std::size_t MAX_ID_LENGTH = 128;

    constexpr std::size_t MAX_ERROR_BYTES = 4096;

    // Cut between two characters of UTF-8. A text may quote what the peer sent, which must not make the answer larger
    // than a frame.
    std::string Shorten(std::string text)
    {
      if (text.size() > MAX_ERROR_BYTES)
      {
        std::size_t end = MAX_ERROR_BYTES;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        {
          end--;
        }
        text.resize(end);
        text += "...";
      }
      return text;
    }

    template <typename T>
    T ParseWhole(const std::string& key, const std::string& text)
    {
      T value = {};
      const char* const end = text.data() + text.size();
      const auto [position, fault] = std::from_chars(text.data(), end, value);

      if (fault != std::errc() || position != end)
      {
        throw Error(ErrorCode::BadInput, "Protocol: '" + key + "' is not a number");
      }

      return value;
    }
  }

  Message::Message(const std::string& verb, const std::string& id)
  {
    writer_.SetMetadata("protocol", PROTOCOL_VERSION);
    writer_.SetMetadata("verb", verb);
    writer_.SetMetadata("id", id);
  }

  Message Message::FromError(const std::string& id, const Error& error)
  {
    Message message(Verb::ERROR, id);
    message.Set("code", std::string(ToString(error.GetCode())));
    message.Set("message", Shorten(error.what()));
    message.Set("retry", std::string(error.CanRetry() ? "true" : "false"));
    return message;
  }

  Message& Message::Set(const std::string& key, const std::string& value)
  {
    writer_.SetMetadata(key, value);
    return *this;
  }

  Message& Message::Set(const std::string& key, std::uint64_t value)
  {
    return Set(key, std::to_string(value));
  }

  Message& Message::SetJson(const std::string& key, const Json::Value& value)
  {
    return Set(key, WriteCompactJson(value));
  }

  Message& Message::AddTensor(const std::string& name, TensorView tensor)
  {
    writer_.AddTensor(name, std::move(tensor));
    return *this;
  }

  std::vector<std::byte> Message::Serialize() const
  {
    std::vector<std::byte> blob = writer_.Serialize();

    if (blob.size() > MAX_FRAME_BYTES)
    {
      throw Error(ErrorCode::Internal, "Protocol: a frame of " + std::to_string(blob.size()) +
                                         " bytes exceeds the limit of " + std::to_string(MAX_FRAME_BYTES));
    }

    return blob;
  }

  ReceivedMessage::ReceivedMessage(std::vector<std::byte> blob) :
    file_(SafetensorsFile::Parse(std::move(blob)))
  {
    if (GetString("protocol") != PROTOCOL_VERSION)
    {
      throw Error(ErrorCode::BadInput, "Protocol: the peer speaks version '" + GetString("protocol") +
                                         "', this program speaks " + PROTOCOL_VERSION +
                                         ": plugin and engine must be of one release");
    }

    verb_ = GetString("verb");
    id_ = GetString("id");

    if (id_.size() > MAX_ID_LENGTH)
    {
      throw Error(ErrorCode::BadInput, "Protocol: a request id of " + std::to_string(id_.size()) + " characters");
    }
  }

  bool ReceivedMessage::Has(const std::string& key) const
  {
    return file_.GetMetadata().contains(key);
  }

  const std::string& ReceivedMessage::GetString(const std::string& key) const
  {
    const auto found = file_.GetMetadata().find(key);

    if (found == file_.GetMetadata().end())
    {
      throw Error(ErrorCode::BadInput,
                  "Protocol: '" + key + "' is missing" + (verb_.empty() ? "" : " in '" + verb_ + "'"));
    }

    return found->second;
  }

  std::uint64_t ReceivedMessage::GetCount(const std::string& key) const
  {
    return ParseWhole<std::uint64_t>(key, GetString(key));
  }

  double ReceivedMessage::GetNumber(const std::string& key) const
  {
    const double value = ParseWhole<double>(key, GetString(key));

    if (!std::isfinite(value))
    {
      throw Error(ErrorCode::BadInput, "Protocol: '" + key + "' is not finite");
    }

    return value;
  }

  Json::Value ReceivedMessage::GetJson(const std::string& key) const
  {
    return ParseJson(GetString(key));
  }

  const TensorView& ReceivedMessage::GetTensor(const std::string& name) const
  {
    return file_.GetTensor(name);
  }

  Error ReceivedMessage::ToError() const
  {
    return Error(ParseErrorCode(GetString("code")), GetString("message"), GetString("retry") == "true");
  }
}
