# cmake --install: the program, and beside it the libraries that came as a wheel, so that it runs from anywhere.
include(GNUInstallDirs)
set_target_properties(segue PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/segue")
install(TARGETS segue RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(SEGUE_TENSORS)
  # The program that computes tensors is started by the other one only, so it lies with the libraries.
  set_target_properties(segue-tensors PROPERTIES INSTALL_RPATH "$ORIGIN")
  install(TARGETS segue-tensors RUNTIME DESTINATION ${CMAKE_INSTALL_LIBDIR}/segue)
  if(TORCH_INSTALL_PREFIX MATCHES "^${SEGUE_DEPENDENCIES}")  # came as a wheel
    file(GLOB torch_libraries ${TORCH_INSTALL_PREFIX}/lib/libtorch.so ${TORCH_INSTALL_PREFIX}/lib/libtorch_cpu.so
      ${TORCH_INSTALL_PREFIX}/lib/libc10.so ${TORCH_INSTALL_PREFIX}/lib/libgomp*.so*)
    list(APPEND SEGUE_BUNDLED_LIBRARIES ${torch_libraries})
  endif()
endif()
if(SEGUE_BUNDLED_LIBRARIES)
  install(FILES ${SEGUE_BUNDLED_LIBRARIES} DESTINATION ${CMAKE_INSTALL_LIBDIR}/segue)
endif()
install(FILES LICENSE README.md CONTRIBUTING.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/segue)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
