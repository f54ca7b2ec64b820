// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Volume/PrivateElements.h"

#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcsequen.h>

namespace H3K27M::Volume
{
  void RemovePrivateElements(DcmItem& item)
  {
    for (unsigned long i = item.card(); i > 0; i--)
    {
      DcmElement* const element = item.getElement(i - 1);
      if (element == nullptr)
      {
        continue;
      }
      if ((element->getGTag() & 1) != 0)
      {
        delete item.remove(i - 1);
        continue;
      }
      auto* const sequence = dynamic_cast<DcmSequenceOfItems*>(element);
      DcmObject* object = sequence == nullptr ? nullptr : sequence->nextInContainer(nullptr);
      for (; object != nullptr; object = sequence->nextInContainer(object))
      {
        if (auto* const nested = dynamic_cast<DcmItem*>(object))
        {
          RemovePrivateElements(*nested);
        }
      }
    }
  }
}
